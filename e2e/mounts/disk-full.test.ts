/** The data folder's disk fills up under a running instance: no new work, reads go on, and it recovers by itself. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CommandRefused } from "../../app/lib/room/frames.ts";
import { ApiRefused } from "../harness/api-client.ts";
import { archivedEvents } from "../harness/archive.ts";
import { foundCompany, type Office, quietSession } from "../harness/company.ts";
import { type Instance, ROLES, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { Viewer } from "../harness/viewer.ts";
import { SmallDisk } from "./small-disk.ts";

const DISK_MIB = 256;
/** MiB left when the instance must refuse by itself: below its reserve of 64, with room to finish what was begun */
const LOW_MIB = 24;
/** ms; the promise */
const RECOVERED_MS = 10_000;
/** ms until the instance has looked at its disk */
const NOTICED_MS = 5_000;

let disk: SmallDisk;
let instance: Instance;
let office: Office;
let session: string;
let reader: Viewer<"session">;

beforeEach(async () => {
  disk = new SmallDisk(DISK_MIB);
  const data = join(disk.folder, "data");
  mkdirSync(data);
  instance = await startInstance({ data });
  office = await foundCompany(instance);
  session = await quietSession(office);
  reader = await new Viewer(office.owner, "session", session).join();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.log(instance?.logs());
  reader?.stop();
  disk?.free();
  await instance?.remove();
  disk?.unmount();
});

const post = (text: string): Promise<void> => office.owner.post(office.company, session, text);
const wake = (): Promise<string> => office.owner.wake(office.company, office.agent, "@say Hello");

/** The code of a refusal; `done` when there was none. */
async function outcome(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => "done",
    (error: unknown) => (error instanceof ApiRefused || error instanceof CommandRefused ? error.code : String(error)),
  );
}

/** The instance has looked at its disk and says so. */
async function untilNoticed(): Promise<void> {
  await until("the full disk to be noticed", async () => (await fetch(`${instance.url}/readyz`)).status === 503, NOTICED_MS);
}

async function expectReads(): Promise<void> {
  const { owner, company, agent } = office;
  expect((await owner.agents(company)).map(({ id }) => id)).toContain(agent);
  expect((await owner.messages(company, session)).items.map(({ text }) => text)).toContain("Before");
  expect((await owner.raw("GET", "/api/me")).status).toBe(200);
}

async function expectWorkAgain(): Promise<void> {
  await until("new work to be taken", () => post("After").then(() => true), RECOVERED_MS);
  await until("readiness", async () => (await fetch(`${instance.url}/readyz`)).status === 200, RECOVERED_MS);
  const watcher = await new Viewer(office.owner, "agent", office.agent).join();
  const run = await until("a wake to be taken", wake, RECOVERED_MS);
  await until("the run to end", () => watcher.state.runs[run]?.outcome === "done");
  watcher.stop();
}

/** A run that waits for consent to a command. */
async function askingRun(): Promise<{ run: string; approval: string }> {
  const { owner, company, agent } = office;
  const run = await owner.wake(company, agent, '@tool shell {"command":"echo may I"}\n@say Over.');
  const pending = async () => (await owner.approvals(company)).items.find(({ state }) => state === "pending")?.id;
  return { run, approval: await until("the ask", pending) };
}

/** What ends or holds work is taken while the disk is full: a deny, a pause, a cancel, the big stop. */
async function expectStopping({ run, approval }: { run: string; approval: string }): Promise<void> {
  const { owner, company, agent } = office;
  await owner.decide(company, approval, "deny");
  const path = `/api/companies/${company}`;
  for (const stop of [`${path}/agents/${agent}/pause`, `${path}/runs/${run}/cancel`, `${path}/stop-everything`]) {
    // What is over already may say so; nothing may be refused for the disk.
    expect([200, 202, 204, 409], stop).toContain((await owner.raw("POST", stop, {})).status);
  }
}

/** Nothing that was acknowledged is missing, for the reader and in the archive, and nothing was restarted. */
async function expectWholeLog(pids: Partial<Record<string, number>>): Promise<void> {
  await until(
    "the archive to catch up",
    () => archivedEvents(instance, "session", session).at(-1)?.seq === reader.seq,
    RECOVERED_MS,
  );
  const archived = archivedEvents(instance, "session", session);
  expect(archived.map(({ seq }) => seq)).toEqual(archived.map((_, index) => index + 1));
  expect(reader.witness.violations).toEqual([]);
  expect(reader.state.messages.map(({ text }) => text)).toEqual(expect.arrayContaining(["Before", "After"]));
  expect(instance.pids()).toEqual(pids);
}

it("below the reserve it refuses new work and says why, lets people read and stop, and recovers without a restart", async () => {
  await post("Before");
  const asking = await askingRun();
  const pids = instance.pids();
  disk.fill(LOW_MIB);

  await untilNoticed();
  expect(await outcome(post("No"))).toBe("storage_full");
  expect(await outcome(wake())).toBe("storage_full");
  const answer = await office.owner.raw("POST", `/api/companies/${office.company}/agents/${office.agent}/wake`, { prompt: "x" });
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(JSON.parse(answer.text).error.message).toMatch(/disk|storage|space/i);
  await expectReads();
  const someone = await new Viewer(office.owner, "session", session).join();
  expect(someone.state.messages.map(({ text }) => text)).toContain("Before");
  someone.stop();
  // A socket asks the room, which hears of the disk with the next event it archives.
  await until(
    "a refusal over the socket",
    async () => (await outcome(reader.command({ type: "message.post", text: "Perhaps" }))) === "storage_full",
    NOTICED_MS,
  );

  await expectStopping(asking);

  disk.free();
  await until("the agent to be resumed", async () => {
    const { status } = await office.owner.raw("POST", `/api/companies/${office.company}/agents/${office.agent}/resume`, {});
    return status < 300;
  });
  await expectWorkAgain();
  await expectWholeLog(pids);
});

it("with no byte left nothing acknowledged is lost, reads go on, and it recovers without a restart", async () => {
  await post("Before");
  const pids = instance.pids();
  const watcher = await new Viewer(office.owner, "agent", office.agent).join();
  const run = await office.owner.wake(
    office.company,
    office.agent,
    "@slow 300 20\n@say A run that is under way when the disk fills.",
  );
  await until("the stream", () => (watcher.state.runs[run]?.openBlocks.length ?? 0) > 0);
  disk.fill(0);

  await untilNoticed();
  expect(await outcome(post("No"))).toBe("storage_full");
  expect(await outcome(wake())).toBe("storage_full");
  await expectReads();

  disk.free();
  await expectWorkAgain();
  await until("the end of the run that was under way", () => watcher.state.runs[run]?.state === "ended", RECOVERED_MS);
  expect(watcher.witness.violations).toEqual([]);
  watcher.stop();
  await until("the reader", () => reader.status.kind === "live", RECOVERED_MS);
  expect(ROLES.every((role) => instance.pids()[role] === pids[role])).toBe(true);
  await expectWholeLog(pids);
});
