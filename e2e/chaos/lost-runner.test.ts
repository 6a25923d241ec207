/**
 * Runners that go without dying: frozen, overtaken, silent. What they held goes to another one, and they never get a word in
 * again. Each test has an instance of its own, and all wait at the same time.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { LIMITS } from "../../party/protocol/limits.ts";
import { foundCompany, type Office } from "../harness/company.ts";
import { speakAsRunner } from "../harness/feeder.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { processesNaming } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { Viewer } from "../harness/viewer.ts";

/** ms within which the launcher promises to notice; a busy machine gets a little more for the start of the next one */
const NOTICED_MS = 15_000;
const REPLACED_MS = NOTICED_MS + 3_000;
/** ms; the sleep of a room meanwhile must not give the lease another life */
const TAKEN_OVER_MS = LIMITS.leaseTtlMs + 10_000;

const started = z.object({ type: z.literal("run.started"), attempt: z.number(), fence: z.number() });
type Started = z.infer<typeof started>;
type Scene = Office & { instance: Instance; viewer: Viewer<"agent"> };

/** Runs a scene on an instance that lives as long as it. */
async function play(scene: (scene: Scene) => Promise<void>): Promise<void> {
  const instance = await startInstance();
  try {
    const office = await foundCompany(instance);
    const viewer = await new Viewer(office.owner, "agent", office.agent).join();
    await scene({ ...office, instance, viewer });
    expect(viewer.witness.violations).toEqual([]);
    viewer.stop();
  } catch (error) {
    console.log(instance.logs());
    throw error;
  } finally {
    await instance.remove();
  }
}

/** The attempts a viewer has seen; its agent has one run. */
function attempts(viewer: Viewer<"agent">): Started[] {
  return viewer.witness.log.flatMap(({ text }) => started.safeParse(JSON.parse(text)).data ?? []);
}

/** The id under which the runner process works. */
async function runnerId(instance: Instance): Promise<string> {
  const environment = readFileSync(`/proc/${await instance.pid("runner")}/environ`, "utf8");
  const id = /ATRIUM_RUNNER_ID=(rn_\w+)/.exec(environment)?.[1];
  if (!id) throw new Error("the runner has no id");
  return id;
}

describe.concurrent("a runner that is lost", { timeout: 120_000 }, () => {
  it("frozen: is noticed within 15 s, dies with what it started, and another one goes on", () =>
    play(async ({ instance, viewer, owner, company, agent }) => {
      const script = [
        "@say I start something that takes long.",
        '@tool shell {"command": "echo started >> trace.txt; sleep 600"}',
        "@say Whatever became of it, I go on.",
      ];
      const run = await owner.wake(company, agent, script.join("\n"));
      const asked = await until("the approval", async () => (await owner.approvals(company)).items[0]);
      await owner.decide(company, asked.id, "allow");
      const sleeping = (): string[] => processesNaming(instance.data).filter((line) => line.includes("sleep 600"));
      await until("the command to run", () => sleeping().length > 0);

      const frozen = await instance.kill("runner", "SIGSTOP");
      await until("another runner", () => ![undefined, frozen].includes(instance.pids().runner), REPLACED_MS);
      await until("the end of what it started", () => sleeping().length === 0, 5_000);

      await until("the end of the run", () => viewer.state.runs[run]?.state === "ended");
      expect(viewer.state.runs[run]?.outcome).toBe("done");
      expect(attempts(viewer).map(({ attempt }) => attempt)).toEqual([1, 2]);
      const events = await owner.runEvents(company, run);
      expect(events.filter((event) => event.type === "run.ended")).toHaveLength(1);
      // Nobody knows what the command did: it is neither called done nor done again.
      expect(events.filter((event) => event.type === "tool.ended")).toMatchObject([{ effect: "unknown" }]);
      await until("the approval's end", async () => (await owner.approvals(company)).items[0]?.state === "unknown");
    }));

  it("overtaken: its frames are refused", () =>
    play(async ({ instance, viewer, owner, company, agent }) => {
      const run = await owner.wake(company, agent, "@slow 200 50\n@say A long story, told slowly enough to be taken over.");
      const { fence } = await until("the first attempt", () => attempts(viewer)[0]);
      const runner = await runnerId(instance);
      await instance.kill("runner");
      await until("the second attempt", () => attempts(viewer).length > 1);

      const late = { v: 1 as const, run, src: { runtime: "native" }, type: "log" as const, level: "info" as const, text: "late" };
      const answers = await speakAsRunner(instance, agent, [
        { type: "claim", run, runner, fence },
        { type: "events", fence, n: 1, events: [late] },
      ]);
      expect(answers[0]).toMatchObject({ type: "refused", code: "fenced" });
      expect(answers[1]?.type).toMatch(/fenced|nack/);
      await owner.ask(z.unknown(), "POST", `/api/companies/${company}/runs/${run}/cancel`);
      await until("the end", () => viewer.state.runs[run]?.state === "ended");
      expect(viewer.witness.log.filter(({ text }) => text.includes('"late"'))).toEqual([]);
    }));

  it("silent: its lease ends by itself, although the room sleeps meanwhile, and the run goes on", () =>
    play(async ({ instance, viewer, owner, company, agent }) => {
      const run = await owner.wake(company, agent, "@slow 100 20\n@say A story that somebody else will have to finish.");
      const { fence } = await until("the first attempt", () => attempts(viewer)[0]);
      // Takes the run from the real runner under its own name, and then never says a word.
      const answers = await speakAsRunner(instance, agent, [{ type: "claim", run, runner: await runnerId(instance), fence }]);
      expect(answers.at(-1)?.type).toMatch(/journal|claimed/);

      await until("the end of the run", () => viewer.state.runs[run]?.state === "ended", TAKEN_OVER_MS);
      expect(viewer.state.runs[run]?.outcome).toBe("done");
      expect(attempts(viewer).map(({ attempt }) => attempt)).toEqual([1, 2]);
    }));
});
