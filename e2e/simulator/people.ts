/** What people do all day: talk, wake, decide, stop, change their minds. */
import type { AgentState } from "../../party/protocol/agent.ts";
import { liveRuns } from "../../party/protocol/agent-state.ts";
import type { CompanyState } from "../../party/protocol/company.ts";
import type { Remember } from "../../party/protocol/consent/schema.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import { newIdFrom } from "./ids.ts";
import type { Kernel } from "./kernel.ts";
import type { Oracle } from "./oracle.ts";
import type { Viewer } from "./viewer.ts";

export type Screens = { company: Viewer[]; agent: Viewer[]; session: Viewer[] };

/** One thing that one person does. */
export function act(kernel: Kernel, oracle: Oracle, screens: Screens): void {
  const { random } = kernel;
  const pick = <T>(items: readonly T[]): T | undefined => items[random.between(0, items.length - 1)];
  const dice = random.next();
  if (dice < 0.25) talk(kernel, oracle, pick(screens.session), plan(kernel));
  else if (dice < 0.4) wake(pick(screens.agent), plan(kernel));
  else if (dice < 0.72) decide(kernel, pick(screens.company));
  else if (dice < 0.75) revoke(kernel, pick(screens.company));
  else steerOrStop(kernel, pick(screens.agent));
}

/** Everything that waits for a person is decided and nothing stays paused: so that a run of the simulator can end. */
export function tidyUp(screens: Screens): void {
  const [company] = screens.company;
  const [agent] = screens.agent;
  if (!company || !agent) return;
  const { approvals } = company.state as CompanyState;
  for (const { id, version, digest, state } of Object.values(approvals)) {
    if (state === "pending") company.command({ type: "approval.decide", approval: id, version, digest, decision: "deny" });
  }
  const state = agent.state as AgentState;
  if (state.status.kind === "paused") agent.command({ type: "agent.resume" });
  for (const run of liveRuns(state)) {
    if (run.state === "waiting" && run.why.startsWith("Stopped"))
      agent.command({ type: "run.steer", run: run.id, text: "Go on" });
  }
}

/** Steps of a run: see runner.ts. */
function plan(kernel: Kernel): string {
  const steps = Array.from({ length: kernel.random.between(1, 4) }, () => "tttaas"[kernel.random.between(0, 5)]);
  return `steps:${steps.join("")}`;
}

function talk(kernel: Kernel, oracle: Oracle, viewer: Viewer | undefined, prompt: string): void {
  const text = `${prompt} ${newIdFrom(kernel, "msg")}`;
  viewer?.command({ type: "message.post", text }, (answer) => {
    if (answer.type === "ack") oracle.acknowledged.add(text);
  });
}

function wake(viewer: Viewer | undefined, prompt: string): void {
  viewer?.command({ type: "run.wake", prompt });
}

function decide(kernel: Kernel, viewer: Viewer | undefined): void {
  const { approvals } = (viewer?.state ?? { approvals: {} }) as CompanyState;
  const pending = Object.values(approvals).filter((approval) => approval.state === "pending");
  const approval = pending[kernel.random.between(0, pending.length - 1)];
  if (!viewer || !approval) return;
  const { id, version, digest } = approval;
  const mine = approval.held?.by.id === viewer.person.id;
  if (mine && kernel.random.next() < 0.5) {
    viewer.command({ type: "approval.withdraw", approval: id });
    return;
  }
  const graceMs = kernel.random.next() < 0.3 ? kernel.random.between(1, LIMITS.decisionGraceMs) : undefined;
  const base = { type: "approval.decide", approval: id, version, digest, graceMs } as const;
  const dice = kernel.random.next();
  if (dice < 0.6) viewer.command({ ...base, decision: "allow", remember: remembered(dice) });
  else if (dice < 0.85) viewer.command({ ...base, decision: "deny" });
  else viewer.command({ ...base, decision: "edit", input: '{"command":"something else"}' });
}

/** Commands of the script are `do <step>`. */
function remembered(dice: number): Remember {
  if (dice < 0.1) return "run";
  const pattern = { command: { kind: "words" as const, words: ["do"] } };
  if (dice < 0.15) return { pattern, scope: "run" };
  return dice < 0.18 ? { pattern, days: 1 } : "once";
}

function revoke(kernel: Kernel, viewer: Viewer | undefined): void {
  const { patterns } = (viewer?.state ?? { patterns: {} }) as CompanyState;
  const known = Object.keys(patterns);
  const pattern = known[kernel.random.between(0, known.length - 1)];
  if (pattern) viewer?.command({ type: "pattern.revoke", pattern });
}

function steerOrStop(kernel: Kernel, viewer: Viewer | undefined): void {
  if (!viewer) return;
  const state = viewer.state as AgentState;
  const live = liveRuns(state);
  const run = live[kernel.random.between(0, live.length - 1)];
  const dice = kernel.random.next();
  if (dice < 0.1) viewer.command(state.status.kind === "paused" ? { type: "agent.resume" } : { type: "agent.pause" });
  else if (!run) return;
  else if (dice < 0.5) viewer.command({ type: "run.steer", run: run.id, text: "Mind the gap" });
  else if (dice < 0.7) viewer.command({ type: "run.interrupt", run: run.id });
  else if (dice < 0.85) viewer.command({ type: "run.cancel", run: run.id });
  else viewer.command({ type: "queue.reorder", queue: kernel.random.shuffled(state.queue) });
}
