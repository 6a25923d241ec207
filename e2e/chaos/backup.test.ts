/** A backup made while people and agents are at work, restored on "another machine": another folder, another port. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { z } from "zod";
import { startFakeAnthropic } from "../fakes/models/anthropic.ts";
import type { FakeModelServer } from "../fakes/models/server.ts";
import { ApiClient } from "../harness/api-client.ts";
import { atrium } from "../harness/cli.ts";
import { foundCompany, type Office, quietSession } from "../harness/company.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { Viewer } from "../harness/viewer.ts";

const KEY = "the-key-of-the-provider-0123456789";
const NOTES = "# Notes\nWhat we found on Tuesday.\n";

let models: FakeModelServer;
let first: Instance;
let second: Instance | undefined;
let office: Office;
let shelf: string;

beforeAll(async () => {
  shelf = mkdtempSync(join(tmpdir(), "atrium-shelf-"));
  models = await startFakeAnthropic({ key: KEY });
  first = await startInstance();
  office = await foundCompany(first);
});
afterAll(async () => {
  await second?.remove();
  await first?.remove();
  await models?.close();
  rmSync(shelf, { recursive: true, force: true });
});

/** Sends a small file in one piece. @returns its id */
async function upload(client: ApiClient, url: string, company: string, name: string, text: string): Promise<string> {
  const tus = { ...client.headers(), "tus-resumable": "1.0.0", origin: url };
  const metadata = `filename ${Buffer.from(name).toString("base64")}`;
  const length = { "upload-length": String(text.length), "upload-metadata": metadata };
  const begun = await fetch(`${url}/api/companies/${company}/uploads`, { method: "POST", headers: { ...tus, ...length } });
  const location = new URL(begun.headers.get("location") ?? "", url);
  const part = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
  expect((await fetch(location, { method: "PATCH", headers: { ...tus, ...part }, body: text })).status).toBe(204);
  return location.pathname.split("/").at(-1) ?? "";
}

it("brings back every chat, file, key and pending approval, and the run goes on from there", { timeout: 120_000 }, async () => {
  onTestFailed(() => console.log(first.logs(), second?.logs()));
  const { owner, company, agent } = office;
  const base = `/api/companies/${company}`;
  const session = await quietSession(office);
  const file = await upload(owner, first.url, company, "notes.md", NOTES);
  const provider = await owner.ask(z.object({ id: z.string() }), "POST", `${base}/providers`, {
    kind: "anthropic",
    baseUrl: models.url,
    key: KEY,
  });
  const script =
    '@tool write_file {"path": "report.md", "content": "All well."}\n@tool shell {"command": "echo once >> trace.txt"}\n@say Done.';
  const run = await owner.wake(company, agent, script);
  const approval = await until("the approval", async () => (await owner.approvals(company)).items[0]);

  // People go on talking all the while.
  const posted: string[] = [];
  let talking = true;
  const talk = (async () => {
    for (let i = 0; talking; i++) {
      await owner.post(company, session, `message ${i}`);
      posted.push(`message ${i}`);
    }
  })();
  await until("some talk", () => posted.length > 20);
  const before = posted.length;
  const made = await atrium(first.data, ["backup", "create", "--to", shelf]);
  const after = posted.length;
  talking = false;
  await talk;
  expect(made).toMatchObject({ code: 0 });
  expect(after, "nobody was kept from talking").toBeGreaterThan(before);
  const [name = ""] = readdirSync(shelf).filter((one) => one.endsWith(".tar"));
  const backup = join(shelf, name);
  expect(readdirSync(shelf)).toEqual([name]);

  expect((await atrium(first.data, ["backup", "verify", backup])).out).toMatch(/is whole.*\n.*nobody has changed it/);
  // Its key is apart: the other machine has none at first.
  const elsewhere = join(shelf, "elsewhere");
  const keyless = await atrium(elsewhere, ["restore", backup]);
  expect(keyless.code).toBe(1);
  expect(keyless.err).toContain("--key-file");
  expect(existsSync(join(elsewhere, "atrium.db"))).toBe(false);
  const restored = await atrium(elsewhere, ["restore", backup, "--key-file", join(first.data, "secrets/vault.key")]);
  expect(restored).toMatchObject({ code: 0 });
  await first.stop();

  second = await startInstance({ data: elsewhere });
  expect(second.ownerLink).toBeUndefined();
  const gone = await owner.at(second.url).raw("GET", "/api/me");
  expect(gone.status, "sign-ins of before do not come back").toBe(401);
  const ana = await ApiClient.signIn(second.url, "Ana");

  // The chat: a whole beginning of what was said, with everything that was acknowledged before the backup began.
  const reader = await new Viewer(ana, "session", session).join();
  // A screen holds the newest messages only.
  const texts = reader.state.messages.map(({ text }) => text);
  const from = posted.indexOf(String(texts[0]));
  expect(from + texts.length).toBeGreaterThanOrEqual(before);
  expect(texts).toEqual(posted.slice(from, from + texts.length));
  // It goes on, and counts on.
  await ana.post(company, session, "on the other machine");
  await until("the new message", () => reader.state.messages.at(-1)?.text === "on the other machine");
  expect(reader.witness.violations).toEqual([]);
  reader.stop();

  // The file and the key.
  const content = await fetch(`${second.url}${base}/files/${file}/content`, { headers: ana.headers() });
  expect(await content.text()).toBe(NOTES);
  const tested = await ana.ask(
    z.object({ ok: z.boolean(), message: z.string() }),
    "POST",
    `${base}/providers/${provider.id}/test`,
  );
  expect(tested).toMatchObject({ ok: true });

  // The approval: decided here, carried out once, and the run ends.
  expect((await ana.approvals(company)).items).toMatchObject([{ id: approval.id, state: "pending" }]);
  await ana.decide(company, approval.id, "allow");
  await until("the end of the run", async () => (await ana.run(company, run)).outcome === "done", 30_000);
  const workspace = join(elsewhere, "workspaces", company, agent);
  expect(readFileSync(join(workspace, "report.md"), "utf8")).toBe("All well.");
  expect(readFileSync(join(workspace, "trace.txt"), "utf8")).toBe("once\n");
  const audit = await atrium(elsewhere, ["audit", "verify"]);
  expect(audit).toMatchObject({ code: 0 });
});
