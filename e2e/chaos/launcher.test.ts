/** The launcher itself: killed, stopped through npm, started twice. */
import { afterEach, expect, it } from "vitest";
import { ApiClient } from "../harness/api-client.ts";
import { foundCompany, quietSession } from "../harness/company.ts";
import { type Instance, launch, ROLES, startInstance } from "../harness/instance.ts";
import { isAlive, processesNaming } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { joinAll, Viewer } from "../harness/viewer.ts";

/** ms, the promise */
const GONE_MS = 5_000;
/** close code with which a client comes back at once */
const RESTARTING = 1012;

const instances: Instance[] = [];
async function start(options: Parameters<typeof startInstance>[0] = {}): Promise<Instance> {
  const instance = await startInstance(options);
  instances.push(instance);
  return instance;
}
afterEach(async ({ task }) => {
  for (const instance of instances.splice(0)) {
    if (task.result?.state === "fail") console.log(instance.logs());
    await instance.remove();
  }
});

it("a launcher killed with -9 takes its children along within 5 s, and the next start finds everything", {
  timeout: 60_000,
}, async () => {
  const first = await start();
  const office = await foundCompany(first);
  const { owner, company, agent } = office;
  const session = await quietSession(office);
  const watcher = new Viewer(owner, "agent", agent);
  const reader = new Viewer(owner, "session", session);
  await Promise.all([watcher.join(), reader.join()]);
  await owner.post(company, session, "Before the fall");
  const run = await owner.wake(company, agent, '@tool shell {"command": "echo allowed"}\n@slow 100 30\n@say Going on and on.');
  const approval = await until("the approval", async () => (await owner.approvals(company)).items[0]);
  await reader.untilSeq(3);

  const pids = await Promise.all(ROLES.map((role) => first.pid(role)));
  const killedAt = performance.now();
  await first.kill("launcher");
  await until("the end of its children", () => pids.every((pid) => !isAlive(pid)), GONE_MS);
  await until("the end of everything", () => processesNaming(first.data).length === 0, GONE_MS - (performance.now() - killedAt));

  const second = await start({ data: first.data, env: { PORT: String(first.port) } });
  expect(second.ownerLink).toBeUndefined();
  expect((await owner.approvals(company)).items[0]).toMatchObject({ id: approval.id, state: "pending" });
  await Promise.all([watcher.untilLive(30_000), reader.untilLive(30_000)]);
  await owner.decide(company, approval.id, "allow");
  await until("the end of the run", () => watcher.state.runs[run]?.state === "ended");
  await owner.post(company, session, "After the fall");
  await until("both messages", () => reader.state.messages.length === 2);
  expect(reader.state.messages.map((message) => message.text)).toEqual(["Before the fall", "After the fall"]);
  for (const viewer of [watcher, reader]) {
    expect(viewer.witness.violations).toEqual([]);
    expect(viewer.witness.resets).toEqual([]);
    viewer.stop();
  }
});

it("a stop that only npm hears leaves nothing behind within 5 s and closes sockets with 1012", { timeout: 60_000 }, async () => {
  const instance = await start({ by: "npm" });
  const { owner, company, agent } = await foundCompany(instance);
  const viewers = [new Viewer(owner, "company", company), new Viewer(owner, "agent", agent)] as const;
  await Promise.all(viewers.map((viewer) => viewer.join()));
  await owner.wake(company, agent, "@slow 400 50\n@say A run that is in the middle of things.");
  await until("the stream", () => Object.values(viewers[1].state.runs).some((run) => run.openBlocks.length > 0));

  process.kill(instance.outer, "SIGTERM");
  const asked = performance.now();
  await until("nothing left", () => processesNaming(instance.data).length === 0, GONE_MS);
  expect(performance.now() - asked).toBeLessThan(GONE_MS);
  for (const viewer of viewers) {
    expect(viewer.closes[0]).toBe(RESTARTING);
    viewer.stop();
  }
});

it("a second start on the same folder refuses and names the lock and its holder", async () => {
  const instance = await start();
  const second = launch({ data: instance.data });
  expect((await second.exit).code).toBe(1);
  expect(second.output()).toContain(
    `${instance.data}/lock.db is locked by process ${instance.pids().launcher} (${instance.url},`,
  );
  expect(second.output()).toContain("set ATRIUM_DATA to another folder");
  await instance.ready();
  await joinAll([await visitor(instance)]);
});

/** Someone who shows that the first instance still works. */
async function visitor(instance: Instance): Promise<Viewer<"company">> {
  const owner = await ApiClient.signUp(instance.url, "Ana", instance.ownerLink);
  const { id } = await owner.createCompany("Norden");
  return new Viewer(owner, "company", id);
}
