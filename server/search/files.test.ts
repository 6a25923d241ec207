import { Readable } from "node:stream";
import { PDFDocument, StandardFonts } from "pdf-lib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../party/protocol/ids.ts";
import { laneRoom } from "../../party/protocol/lanes.ts";
import { itemsOf } from "../api/live/test-stack.ts";
import { type TestPerson, text } from "../api/test-app.ts";
import { FileApp } from "../files/testing/file-app.ts";
import { keepVersion } from "../files/versions.ts";

let app: FileApp;
let agent: string;

beforeEach(async () => {
  app = await FileApp.open();
  agent = text((await app.ana.call("GET", `/api/companies/${app.company}/agents`)).body, "items", "0", "id");
});
afterEach(() => app.close());

async function find(words: string, person: TestPerson = app.ana): Promise<string[]> {
  const reply = await person.call("GET", `/api/companies/${app.company}/search?kinds=file&q=${encodeURIComponent(words)}`);
  expect(reply.status).toBe(200);
  return itemsOf(reply.body).map((item) => text(item, "ref"));
}

/** A version as a run of the agent writes it. @param room the agent's own, or one of its lanes */
async function version(path: string, content: string | null, room = agent): Promise<string> {
  const { read, write, files } = app.app.services;
  const change = {
    path,
    op: content === null ? ("removed" as const) : ("changed" as const),
    call: newId("call"),
    added: 0,
    removed: 0,
  };
  const owner = { company: app.company, agent: room, run: newId("run") };
  const bytes = content === null ? null : Readable.from([Buffer.from(content)]);
  return (await keepVersion({ read, write, files }, owner, change, bytes, 1_000_000)).file;
}

async function pdf(words: string): Promise<Uint8Array> {
  const made = await PDFDocument.create();
  const font = await made.embedFont(StandardFonts.Helvetica);
  made.addPage([300, 200]).drawText(words, { x: 20, y: 100, size: 8, font });
  return made.save();
}

describe("files in the search", () => {
  test("are found by name and by what stands in them", async () => {
    const notes = await app.upload("Harvest plan.md", "# Tuesday\nPick the quinces before frost.");
    const table = await app.upload("stock.csv", "sort,kilos\nquinces,12\n");
    expect(await find("harvest")).toEqual([notes]);
    expect(await find("quinces frost")).toEqual([notes]);
    expect(await find("quinces")).toEqual([table, notes]);
  });

  test("have the text of a PDF, and only the name of one that cannot be read", async () => {
    const good = await app.upload("lease.pdf", await pdf("The rent is due on the ninth."));
    // Read in a thread of its own, after the commit.
    await vi.waitUntil(async () => (await find("rent ninth")).length > 0, { timeout: 20_000 });
    const bad = await app.upload("torn.pdf", (await pdf("Nothing")).slice(0, 200));
    expect(await find("torn")).toEqual([bad]);
    expect(await find("rent")).toEqual([good]);
  });

  test("hold nothing of bytes that are no text", async () => {
    const id = await app.upload("photo.bin", Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from("quinces")]));
    expect(await find("quinces")).toEqual([]);
    expect(await find("photo")).toEqual([id]);
  });

  test("of a workspace are found by their newest version, and not once they are removed", async () => {
    await version("notes/plan.md", "first thoughts about apples");
    const second = await version("notes/plan.md", "second thoughts about pears");
    expect(await find("thoughts")).toEqual([second]);
    expect(await find("apples")).toEqual([]);
    await version("notes/plan.md", null);
    expect(await find("plan")).toEqual([]);
  });

  test("are gone from it when they are deleted", async () => {
    const id = await app.upload("gone.txt", "quinces");
    await app.ana.call("DELETE", `${app.files}/${id}`);
    expect(await find("quinces")).toEqual([]);
  });

  test("of a private conversation are found by its people alone", async () => {
    const ben = await app.ana.invite("Ben", app.company, "owner");
    const talk = newId("ss");
    const { write } = app.app.services;
    await write(({ now }) => [
      {
        sql: `INSERT INTO sessions (id, company, agent, title, private, created_by, created_at, updated_at)
          VALUES (?, ?, ?, 'Salaries', 1, ?, ?, ?)`,
        args: [talk, app.company, agent, app.ana.id, now, now],
      },
      { sql: "INSERT INTO session_people (session, user) VALUES (?, ?)", args: [talk, app.ana.id] },
    ]);
    const mine = await version("salaries.md", "what everybody earns", laneRoom(agent, talk));
    expect(await find("earns")).toEqual([mine]);
    expect(await find("earns", ben)).toEqual([]);
    expect(await find("salaries", ben)).toEqual([]);
  });
});
