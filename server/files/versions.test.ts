import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../party/protocol/ids.ts";
import { signRequest, signToken } from "../../party/protocol/sign.ts";
import { closeServer, createServerFor, listen } from "../api/listen.ts";
import { TEST_SECRETS, type TestPerson, text } from "../api/test-app.ts";
import { localHome } from "../engine/home.ts";
import { versionsClient } from "../engine/versions.ts";
import { LOOPBACK, pickPort } from "../launcher/ports.ts";
import { FileApp } from "./testing/file-app.ts";

const SECRET = TEST_SECRETS.ATRIUM_ROOMS_SECRET;
const WORKSPACE_FILE = "notes/plan.md";
let app: FileApp;
let agent: string;
let internalUrl: string;
let workspace: string;
let closeInternal: () => Promise<void>;

beforeEach(async () => {
  app = await FileApp.open();
  const server = createServerFor(app.app.internal);
  const port = await pickPort(LOOPBACK, []);
  await listen(server, LOOPBACK, port);
  closeInternal = () => closeServer(server);
  internalUrl = `http://${LOOPBACK}:${port}`;
  agent = text((await app.ana.call("GET", `/api/companies/${app.company}/agents`)).body, "items", "0", "id");
  workspace = join(app.app.folder, "workspaces", app.company, agent);
  mkdirSync(join(workspace, "notes"), { recursive: true });
});
afterEach(async () => {
  await closeInternal();
  await app.close();
});

type Run = { run: string; token: string };

/** A run that a runner holds, as a dispatch leaves it. */
async function makeRun(fence = 1, run = newId("run"), lane?: string): Promise<Run> {
  const holder = { runner: "rn_1", generation: 1, fence };
  const claims = { run, agent, lane, company: app.company, ...holder, expiresAt: Date.now() + 60_000 };
  await app.app.services.write(({ now }) => [
    {
      sql: `INSERT INTO run_leases (run, agent, company, runner, generation, fence, at) VALUES (?, ?, ?, 'rn_1', 1, ?, ?)
        ON CONFLICT (run) DO UPDATE SET fence = excluded.fence`,
      args: [run, agent, app.company, fence, now],
    },
  ]);
  return { run, token: signToken(SECRET, "run", claims) };
}

const portOf = ({ token }: Run) => versionsClient({ home: localHome(internalUrl, SECRET), token }, workspace);
const write = (content: string, path = WORKSPACE_FILE) => writeFileSync(join(workspace, path), content);
const changed = (op: "added" | "changed" | "removed", path = WORKSPACE_FILE) => ({
  path,
  op,
  added: 0,
  removed: 0,
  uncounted: true as const,
});
const changesOf = async ({ run }: Run) => (await app.ana.call("GET", `/api/companies/${app.company}/runs/${run}/changes`)).body;

describe("what a run changes", () => {
  test("is kept in the order it happened, with its lines counted", async () => {
    const run = await makeRun();
    const port = portOf(run);
    write("one\ntwo\n");
    const [first] = await port.keep("call_1", [changed("added")]);
    expect(first).toMatchObject({ path: WORKSPACE_FILE, op: "added", added: 2, removed: 0, ref: expect.stringMatching(/^fi_/) });
    write("one\n2\nthree\n");
    const [second] = await port.keep("call_2", [changed("changed")]);
    expect(second).toMatchObject({ added: 2, removed: 1 });
    const [third] = await port.keep("call_3", [changed("removed")]);
    expect(third).toMatchObject({ op: "removed", removed: 3 });

    const versions = await app.ana.call("GET", `${app.files}/${first?.ref}/versions`);
    expect(versions.body).toMatchObject({ items: [{ op: "removed" }, { op: "changed" }, { op: "added" }] });
    expect(await (await app.fetch(`${app.files}/${first?.ref}/content`)).text()).toBe("one\ntwo\n");
    expect((await app.facts(second?.ref ?? "")).body).toMatchObject({
      kind: "version",
      name: "plan.md",
      by: { id: agent, kind: "agent" },
      run: run.run,
      call: "call_2",
      path: WORKSPACE_FILE,
    });
  });

  test("told again is the same version, and what only looked changed is none", async () => {
    const port = portOf(await makeRun());
    write("one\n");
    const [first] = await port.keep("call_1", [changed("added")]);
    expect(await port.keep("call_1", [changed("added")])).toMatchObject([{ ref: first?.ref }]);
    expect(await port.keep("call_2", [changed("changed")])).toEqual([]);
  });

  test("is shown file by file with its lines; the library shows the newest only", async () => {
    const before = await makeRun();
    write("one\ntwo\nthree\n");
    await portOf(before).keep("call_1", [changed("added")]);
    const run = await makeRun();
    write("one\n2\nthree\n");
    write("new\n", "new.txt");
    write("\u0000\u0001", "blob.bin");
    await portOf(run).keep("call_2", [changed("changed"), changed("added", "new.txt"), changed("added", "blob.bin")]);
    expect(await changesOf(run)).toMatchObject({
      items: [
        { path: "blob.bin", op: "added", diff: { kind: "none", why: "binary" } },
        { path: "new.txt", op: "added", diff: { hunks: [{ lines: [{ kind: "added", text: "new" }] }] } },
        {
          path: WORKSPACE_FILE,
          op: "changed",
          added: 1,
          removed: 1,
          diff: { hunks: [{ lines: [{}, { kind: "removed", text: "two" }, { kind: "added", text: "2" }, {}] }] },
        },
      ],
    });
    const { body } = await app.ana.call("GET", `${app.files}?agent=${agent}`);
    expect(body).toMatchObject({ items: { length: 3 } });
  });

  test("of a file nobody knew before it is said that there is nothing to compare with", async () => {
    const run = await makeRun();
    write("changed\n");
    await portOf(run).keep("call_1", [changed("changed")]);
    expect(await changesOf(run)).toMatchObject({ items: [{ op: "changed", diff: { why: "unknown_before" } }] });
  });

  test("is not taken from another runner, from a command, or for a path outside", async () => {
    const run = await makeRun();
    write("one\n");
    await makeRun(2, run.run);
    expect(await portOf(run).keep("call_1", [changed("added")])).toEqual([changed("added")]);

    const fresh = await makeRun();
    const put = (path: string, headers: Record<string, string>) =>
      fetch(`${internalUrl}${path}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${fresh.token}`, ...headers },
        body: "x",
      });
    const path = "/internal/files/versions?path=a.txt&op=added&call=call_1";
    expect((await put(path, {})).status).toBe(401);
    expect((await put(path, signRequest(SECRET, "PUT", path, "", Date.now()))).status).toBe(200);
    for (const outside of ["/etc/passwd", "../up", "a/../../up", "a/.."]) {
      const bad = `/internal/files/versions?path=${encodeURIComponent(outside)}&op=added&call=call_1`;
      expect([outside, (await put(bad, signRequest(SECRET, "PUT", bad, "", Date.now()))).status]).toEqual([outside, 400]);
    }
  });
});

describe("what a run reads", () => {
  const sessions = () => `/api/companies/${app.company}/sessions`;
  const begin = async (isPrivate: boolean) =>
    text((await app.ana.call("POST", sessions(), { body: { agentId: agent, private: isPrivate } })).body, "id");
  const reads = async (lane: string | undefined, file: string) => {
    const { token } = await makeRun(1, newId("run"), lane);
    const path = `/internal/files/${file}`;
    const headers = { authorization: `Bearer ${token}`, ...signRequest(SECRET, "GET", path, "", Date.now()) };
    return (await fetch(internalUrl + path, { headers })).status;
  };

  test("is of no private conversation but its own", async () => {
    const [open, hidden, another] = [await begin(false), await begin(true), await begin(true)];
    const shown = await app.upload("shown.txt", "all", { session: open });
    const secret = await app.upload("secret.txt", "few", { session: hidden });
    expect(await reads(undefined, shown)).toBe(200);
    expect(await reads(hidden, shown)).toBe(200);
    expect(await reads(hidden, secret)).toBe(200);
    expect(await reads(another, secret)).toBe(404);
    expect(await reads(undefined, secret)).toBe(404);
    write("kept", "kept.txt");
    const [version] = await portOf(await makeRun(1, newId("run"), hidden)).keep("call_1", [changed("added", "kept.txt")]);
    expect(await reads(hidden, version?.ref ?? "")).toBe(200);
    expect(await reads(undefined, version?.ref ?? "")).toBe(404);
    // Nor do people of the company read it, in the moment before the archive knows its run.
    const seen = async (person: TestPerson) => (await person.call("GET", `${app.files}/${version?.ref}`)).status;
    const ben = await app.ana.invite("Ben", app.company, "admin");
    expect([await seen(app.ana), await seen(ben)]).toEqual([200, 404]);
    expect((await ben.call("GET", app.files)).text).not.toContain("kept.txt");
  });
});

describe("the workspace", () => {
  const folder = async (path = "") =>
    app.ana.call("GET", `/api/companies/${app.company}/agents/${agent}/workspace?path=${encodeURIComponent(path)}`);
  const open = (path: string) =>
    app.ana.call("POST", `/api/companies/${app.company}/agents/${agent}/workspace/open`, { body: { path } });

  test("is browsed as it is now, and any file in it can be opened", async () => {
    write("hello");
    expect((await folder()).body).toMatchObject({ live: true, entries: [{ name: "notes", kind: "folder" }] });
    expect((await folder("notes")).body).toMatchObject({ entries: [{ path: WORKSPACE_FILE, kind: "file", bytes: 5 }] });
    const file = text((await open(WORKSPACE_FILE)).body, "file");
    expect(await (await app.fetch(`${app.files}/${file}/content`)).text()).toBe("hello");
    expect(text((await open(WORKSPACE_FILE)).body, "file")).toBe(file);
    write("hello again");
    expect(text((await open(WORKSPACE_FILE)).body, "file")).not.toBe(file);
  });

  test("leads nowhere else, by no link and no path", async () => {
    symlinkSync("/etc", join(workspace, "etc"));
    expect((await folder()).body).toMatchObject({
      entries: expect.arrayContaining([expect.objectContaining({ name: "etc", kind: "other" })]),
    });
    for (const path of ["etc", "..", "../..", "/etc", "notes/../.."])
      expect([path, (await folder(path)).status]).toEqual([path, 404]);
    for (const path of ["etc/passwd", "../../../atrium.db", "/etc/passwd"])
      expect([path, (await open(path)).status]).toEqual([path, 404]);
  });

  test("of another machine is known by its newest versions", async () => {
    const port = portOf(await makeRun());
    write("one\n");
    write("top\n", "top.txt");
    await port.keep("call_1", [changed("added"), changed("added", "top.txt")]);
    app.app.services.settings.dataFolder = join(app.app.folder, "elsewhere");
    expect((await folder()).body).toMatchObject({
      live: false,
      entries: [
        { name: "notes", kind: "folder" },
        { name: "top.txt", kind: "file", bytes: 4, file: expect.stringMatching(/^fi_/) },
      ],
    });
    expect((await folder("notes")).body).toMatchObject({ entries: [{ name: "plan.md" }] });
    expect(await (await app.fetch(`${app.files}/${text((await open("top.txt")).body, "file")}/content`)).text()).toBe("top\n");
  });
});
