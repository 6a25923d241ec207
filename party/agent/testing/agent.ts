/** An agent's room to play with, and the words to play it. */
import type { Decided, FeederHold, Refused } from "../../lib/core.ts";
import { Play } from "../../lib/testing/play.ts";
import type { AgentConfig, AgentEvent, AgentState } from "../../protocol/agent.ts";
import type { AgentCommand } from "../../protocol/commands.ts";
import type { Actor, Wake } from "../../protocol/common.ts";
import type { CallStanding, FeederFrame } from "../../protocol/internal.ts";
import type { RunEvent } from "../../protocol/run-events.ts";
import { agentCore } from "../core.ts";
import { type AgentPrivate, type LiveRun, liveRunsOf, runOf } from "../private.ts";

export const OLGA: Actor = { id: "u_olga", name: "Olga", kind: "person", role: "owner", rights: 1 };
export const BEN: Actor = { id: "u_ben", name: "Ben", kind: "person", role: "member", rights: 1 };

const CONFIG: AgentConfig = {
  id: "ag_1",
  company: "co_1",
  name: "Guide",
  title: "Helps",
  runtime: "native",
  model: "rehearsal",
  instructions: "Be kind.",
  tools: { profile: "coding" },
  maxConcurrentRuns: 1,
  retired: false,
};

/** `Omit` that keeps a union a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type NewEvent = Without<RunEvent, "v" | "run" | "src">;
type EventsFrame = Extract<FeederFrame, { type: "events" }>;

export const USAGE = { input: 1, output: 1, cached: 0, thinking: 0 };
export const ENDED: NewEvent = { type: "run.ended", outcome: "done", text: "Done.", usage: USAGE, cost: 0, ms: 5 };

export class AgentPlay extends Play<AgentState, AgentPrivate, AgentEvent> {
  #keys = 0;
  #rows = 0;

  constructor(config: Partial<AgentConfig> = {}) {
    super(agentCore, "ag_1");
    this.configure(config);
  }

  configure(config: Partial<AgentConfig> = {}): void {
    this.#rows += 1;
    this.do({
      kind: "op",
      op: { op: "record", generation: 1, row: this.#rows, change: { kind: "agent", config: { ...CONFIG, ...config } } },
    });
  }

  wakeOf(wake: Partial<Wake> = {}): Wake {
    this.#keys += 1;
    return {
      key: `key-${this.#keys}`,
      source: "person",
      reason: "Asked in the room",
      subject: { kind: "none" },
      prompt: "Tidy up",
      requestedBy: { id: BEN.id, name: BEN.name, kind: "person" },
      ...wake,
    };
  }

  wake(wake: Partial<Wake> = {}): Refused | undefined {
    return this.take({ kind: "op", op: { op: "wake", wake: this.wakeOf(wake) } });
  }

  /** Wakes the agent. @returns the run that came of it */
  woken(wake: Partial<Wake> = {}): string {
    const refused = this.wake(wake);
    if (refused) throw new Error(`${refused.code}: ${refused.message}`);
    return String(this.last?.result?.runId);
  }

  command(command: AgentCommand, actor: Actor = OLGA): Refused | undefined {
    return this.take({ kind: "command", actor, command });
  }

  /** The run as the room keeps it to itself. @throws when it has ended */
  run(id: string): LiveRun {
    const run = runOf(this.priv, id);
    if (!run) throw new Error(`${id} is not live`);
    return run;
  }

  get live(): string[] {
    return liveRunsOf(this.priv).map(([id]) => id);
  }

  view(id: string): AgentState["runs"][string] {
    const view = this.state.runs[id];
    if (!view) throw new Error(`no view of ${id}`);
    return view;
  }

  /** The newest fence a run was dispatched with. */
  fenceOf(id: string): number {
    const { at } = this.run(id);
    if (at.kind !== "dispatched") throw new Error(`${id} is ${at.kind}`);
    return at.fence;
  }

  /** A runner takes a dispatched run and starts it. */
  hold(id: string, runner = "rn_1"): Runner {
    const held = new Runner(this, id, runner, this.fenceOf(id));
    held.claim();
    held.send([started(held.fence)]);
    return held;
  }

  deliver(
    message: Extract<Parameters<typeof agentCore.decide>[2], { kind: "message" }>["message"],
  ): Decided<AgentEvent, AgentPrivate> {
    return this.do({ kind: "message", from: { party: "company", room: "co_1" }, message });
  }

  decided(id: string, call: string, decision: "allow" | "deny" | "expired"): Decided<AgentEvent, AgentPrivate> {
    const by = decision === "expired" ? [] : [{ by: OLGA, decision, at: new Date(this.now).toISOString() }];
    return this.deliver({
      kind: "approval.decided",
      approval: `ap_${call}`,
      run: id,
      call,
      digest: "d".repeat(64),
      decision,
      by,
    });
  }
}

/** A runner's side of one held run. */
export class Runner {
  readonly #play: AgentPlay;
  readonly hold: FeederHold;
  #n = 0;

  constructor(play: AgentPlay, run: string, runner: string, fence: number) {
    this.#play = play;
    this.hold = { run, runner, fence };
  }

  get fence(): number {
    return this.hold.fence;
  }

  /** @returns what the room says about the calls of the run */
  claim(): { calls: CallStanding[]; interrupted: boolean; last: number } {
    const refused = this.tryClaim();
    if (refused) throw new Error(`${refused.code}: ${refused.message}`);
    const { calls, interrupted, last } = this.#play.last?.result ?? {};
    this.#n = Number(last);
    return { calls: calls as CallStanding[], interrupted: interrupted === true, last: this.#n };
  }

  tryClaim(): Refused | undefined {
    return this.#play.take({ kind: "feeder", frame: { type: "claim", ...this.hold }, held: undefined });
  }

  try(events: NewEvent[], extra: Partial<EventsFrame> = {}): Refused | undefined {
    // A union member plus the envelope is that member of the envelope's union.
    const whole = events.map((event) => ({ v: 1, run: this.hold.run, src: { runtime: "native" }, ...event }) as RunEvent);
    const frame: EventsFrame = { type: "events", fence: this.fence, n: this.#n + 1, events: whole, ...extra };
    const refused = this.#play.take({ kind: "feeder", frame, held: this.hold });
    if (!refused && frame.n === this.#n + 1) this.#n += 1;
    return refused;
  }

  send(events: NewEvent[], extra: Partial<EventsFrame> = {}): void {
    const refused = this.try(events, extra);
    if (refused) throw new Error(`${refused.code}: ${refused.message}`);
  }

  renew(): Refused | undefined {
    return this.#play.take({ kind: "feeder", frame: { type: "renew" }, held: this.hold });
  }

  /** Asks for consent to a call and lets go of the run. */
  park(call: string): void {
    this.send(asked(call), { release: "wait" });
  }

  end(): void {
    this.send([ENDED], { release: "end" });
  }
}

export function started(fence: number, attempt = 1): NewEvent {
  return {
    type: "run.started",
    runtime: "native",
    model: "rehearsal",
    tools: [],
    skills: [],
    mcp: [],
    cwd: "/workspace",
    attempt,
    fence,
    sandbox: "none",
  };
}

export function called(call: string, policy: "auto" | "ask" = "auto"): NewEvent {
  return { type: "tool.called", call, name: "shell", origin: "native", input: "{}", policy, risk: "write" };
}

export function asked(call: string): NewEvent[] {
  return [
    called(call, "ask"),
    {
      type: "approval.asked",
      approval: `ap_${call}`,
      call,
      digest: "d".repeat(64),
      risk: "write",
      quorum: { need: 1 },
      expiresAt: "2026-01-08T00:00:00.000Z",
      question: "Run it?",
    },
  ];
}
