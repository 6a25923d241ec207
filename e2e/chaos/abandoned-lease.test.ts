/** A runner that falls silent without dying, beyond the launcher's sight: only the lease's own end can free the run. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { z } from "zod";
import { LIMITS } from "../../party/protocol/limits.ts";
import { foundCompany, type Office } from "../harness/company.ts";
import { speakAsRunner } from "../harness/feeder.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { Viewer } from "../harness/viewer.ts";

/** ms; a room that sleeps meanwhile grants the lease one more life when it wakes */
const TAKEN_OVER_MS = 2 * LIMITS.leaseTtlMs + 5_000;

const started = z.object({ type: z.literal("run.started"), attempt: z.number(), fence: z.number() });

let instance: Instance;
let office: Office;

beforeAll(async () => {
  instance = await startInstance();
  office = await foundCompany(instance);
});
afterAll(() => instance?.remove());

it("a lease that nobody renews ends by itself although the room sleeps meanwhile, and the run goes on", {
  timeout: 90_000,
}, async () => {
  onTestFailed(() => console.log(instance.logs()));
  const { owner, company, agent } = office;
  const viewer = await new Viewer(owner, "agent", agent).join();
  const run = await owner.wake(company, agent, "@slow 100 20\n@say A story that somebody else will have to finish.");
  const attempts = (): z.infer<typeof started>[] =>
    viewer.witness.log.flatMap(({ text }) => started.safeParse(JSON.parse(text)).data ?? []);
  const first = await until("the first attempt", () => attempts()[0]);

  // Takes the run from the real runner under its own name, and then never says a word.
  const runner = /ATRIUM_RUNNER_ID=(rn_\w+)/.exec(readFileSync(`/proc/${await instance.pid("runner")}/environ`, "utf8"))?.[1];
  const claim = { type: "claim" as const, run, runner: runner ?? "", fence: first.fence };
  expect((await speakAsRunner(instance, agent, [claim])).at(-1)?.type).toMatch(/journal|claimed/);

  await until("the end of the run", () => viewer.state.runs[run]?.state === "ended", TAKEN_OVER_MS);
  expect(viewer.state.runs[run]?.outcome).toBe("done");
  expect(attempts().map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(viewer.witness.violations).toEqual([]);
  viewer.stop();
});
