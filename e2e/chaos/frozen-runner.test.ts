/** A runner that stands still without dying: what it holds goes to another one, and it never gets a word in again. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { z } from "zod";
import { foundCompany, type Office } from "../harness/company.ts";
import { speakAsRunner } from "../harness/feeder.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { processesNaming } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { Viewer } from "../harness/viewer.ts";

/** ms within which the launcher promises to notice; a busy machine gets a little more for the start of the next one */
const NOTICED_MS = 15_000;
const REPLACED_MS = NOTICED_MS + 3_000;

const SCRIPT = `
@say I start something that takes long.
@tool shell {"command": "echo started >> trace.txt; sleep 600"}
@say Whatever became of it, I go on.
`;

const started = z.object({ run: z.string(), attempt: z.number(), fence: z.number() });

let instance: Instance;
let office: Office;

beforeAll(async () => {
  instance = await startInstance();
  office = await foundCompany(instance);
});
afterAll(() => instance?.remove());

it("a frozen runner is noticed within 15 s, dies with what it started, and another one goes on", {
  timeout: 60_000,
}, async () => {
  onTestFailed(() => console.log(instance.logs()));
  const { owner, company, agent } = office;
  const viewer = await new Viewer(owner, "agent", agent).join();
  const run = await owner.wake(company, agent, SCRIPT);
  const asked = await until("the approval", async () => (await owner.approvals(company)).items[0]);
  await owner.decide(company, asked.id, "allow");
  const sleeping = (): string[] => processesNaming(instance.data).filter((line) => line.includes("sleep 600"));
  await until("the command to run", () => sleeping().length > 0);

  const frozenAt = performance.now();
  const frozen = await instance.kill("runner", "SIGSTOP");
  await until("another runner", () => ![undefined, frozen].includes(instance.pids().runner), REPLACED_MS);
  expect(instance.printed()).toMatch(/runner .*(frozen|sign of life|answer)/i);
  expect(performance.now() - frozenAt).toBeLessThan(REPLACED_MS);
  await until("the end of what it started", () => sleeping().length === 0, 5_000);

  await until("the end of the run", () => viewer.state.runs[run]?.state === "ended");
  expect(viewer.state.runs[run]?.outcome).toBe("done");
  const events = await owner.runEvents(company, run);
  const attempts = events.filter((event) => event.type === "run.started").map((event) => started.parse(event));
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(events.filter((event) => event.type === "run.ended")).toHaveLength(1);
  // Nobody knows what the command did: it is neither called done nor done again.
  expect(events.filter((event) => event.type === "tool.ended")).toMatchObject([{ effect: "unknown" }]);
  expect(viewer.witness.violations).toEqual([]);
  await until("the approval's end", async () => (await owner.approvals(company)).items[0]?.state === "unknown");
});

it("frames of a lease that was taken over are refused", async () => {
  onTestFailed(() => console.log(instance.logs()));
  const { owner, company, agent } = office;
  const viewer = await new Viewer(owner, "agent", agent).join();
  const run = await owner.wake(company, agent, "@slow 200 50\n@say A long story that is told slowly enough to be taken over.");
  const fences = (): z.infer<typeof started>[] =>
    viewer.witness.log
      .map(({ text }) => JSON.parse(text))
      .filter((event) => event.type === "run.started" && event.run === run)
      .map((event) => started.parse(event));
  const [old] = await until("the first attempt", () => (fences().length > 0 ? fences() : undefined));
  const runner = runnerId(await instance.pid("runner"));
  await instance.kill("runner");
  await until("the second attempt", () => fences().length > 1);

  const { fence } = old ?? { fence: 0 };
  const said = { v: 1 as const, run, src: { runtime: "native" }, type: "log" as const, level: "info" as const, text: "late" };
  const answers = await speakAsRunner(instance, agent, [
    { type: "claim", run, runner, fence },
    { type: "events", fence, n: 1, events: [said] },
  ]);
  expect(answers[0]).toMatchObject({ type: "refused", code: "fenced" });
  expect(answers[1]?.type).toMatch(/fenced|nack/);
  await owner.ask(z.unknown(), "POST", `/api/companies/${company}/runs/${run}/cancel`);
  await until("the end", () => viewer.state.runs[run]?.state === "ended");
  expect(viewer.witness.log.filter(({ text }) => text.includes('"late"'))).toEqual([]);
});

/** The id under which a runner process works. */
function runnerId(pid: number): string {
  const id = /ATRIUM_RUNNER_ID=(rn_\w+)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8"))?.[1];
  if (!id) throw new Error("the runner has no id");
  return id;
}
