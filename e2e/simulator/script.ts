/** The plan of a run, step by step, so that any runner can go on where another one stopped. */
import type { CallStanding, FeederAnswer } from "../../party/protocol/internal.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import type { RunEvent } from "../../party/protocol/run-events.ts";
import { type Feeder, LeaseLost } from "./runner.ts";

export type Claimed = Extract<FeederAnswer, { type: "claimed" }>;
type Heard = Extract<FeederAnswer, { type: "steer" | "decided" | "answered" | "interrupt" | "cancel" }>;
/** `Omit` that keeps a union a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type NewEvent = Without<RunEvent, "v" | "run" | "src">;

/** ms a step takes at most */
const STEP_MS = 300;
/** ms between two attempts to ask for a right */
const ASK_AGAIN_MS = 250;
/** ms an ask for consent lives: some expire while nobody looks */
const EXPIRES_MS = [2_000, 120_000] as const;
const NO_USAGE = { input: 1, output: 1, cached: 0, thinking: 0 };

export class Script {
  readonly #feeder: Feeder;
  #halt: "cancel" | "interrupt" | undefined;
  #steers = new Map<string, string>();
  #calls = new Map<string, CallStanding>();

  constructor(feeder: Feeder) {
    this.#feeder = feeder;
  }

  heard(message: Heard): void {
    if (message.type === "cancel") this.#halt = "cancel";
    if (message.type === "interrupt") this.#halt ??= "interrupt";
    if (message.type === "steer") this.#steers.set(message.steer, message.text);
  }

  /** What a broken connection may have swallowed. */
  standing(claimed: Claimed): void {
    if (claimed.interrupted) this.#halt ??= "interrupt";
    for (const { id, text } of claimed.steers) this.#steers.set(id, text);
  }

  /** Plays the run until it ends or has to wait. @throws LeaseLost */
  async play(claimed: Claimed, journal: readonly unknown[]): Promise<void> {
    const { fence, run } = claimed;
    this.standing(claimed);
    for (const call of claimed.calls) this.#calls.set(call.call, call);
    const steps = claimed.run.prompts.map((prompt) => /steps:([tasp]*)/.exec(prompt.text)?.[1] ?? "t").join("");
    await this.#commit([
      {
        type: "run.started",
        runtime: "native",
        model: "rehearsal",
        tools: [],
        skills: [],
        mcp: [],
        cwd: "/workspace",
        attempt: run.attempt,
        fence,
        sandbox: "none",
      },
      ...claimed.openBlocks.map(({ block }) => ({
        type: "block.ended" as const,
        block,
        kind: "text" as const,
        text: "",
        void: true,
      })),
    ]);
    for (let step = journal.length; step < steps.length; step++) {
      if (await this.#stopped()) return;
      await this.#applySteers();
      await this.#pause();
      const done = await this.#step(steps[step] ?? "t", step);
      if (!done) return this.#commit([{ type: "run.state", state: "waiting", why: "Waiting for consent" }], { release: "wait" });
    }
    if (await this.#stopped()) return;
    await this.#end("done");
  }

  async #stopped(): Promise<boolean> {
    if (this.#halt === "cancel") {
      await this.#end("aborted");
      return true;
    }
    if (this.#halt !== "interrupt") return false;
    await this.#commit([{ type: "run.state", state: "waiting", why: "Stopped by a person" }], { release: "wait" });
    return true;
  }

  async #end(outcome: "done" | "aborted"): Promise<void> {
    const open = [...this.#calls.values()].filter((call) => !call.ended);
    const ended: NewEvent[] = open.map(({ call }) => ({
      type: "tool.ended",
      call,
      ok: false,
      output: "",
      ms: 0,
      effect: "unknown",
    }));
    await this.#commit(
      [...ended, { type: "run.ended", outcome, text: `The end of ${this.#feeder.run}`, usage: NO_USAGE, cost: 0, ms: 1 }],
      {
        release: "end",
      },
    );
  }

  async #applySteers(): Promise<void> {
    for (const steer of [...this.#steers.keys()]) {
      this.#steers.delete(steer);
      await this.#commit([{ type: "steer.applied", steer }]);
    }
  }

  /** @returns false when the run has to wait for people */
  async #step(kind: string, step: number): Promise<boolean> {
    const id = `${this.#feeder.run}_${step}`;
    switch (kind) {
      case "a":
        await this.#auto(id, step);
        return true;
      case "s":
        return this.#asked(id, step, this.#feeder.runner.world.kernel.random.between(...EXPIRES_MS));
      case "p":
        return this.#asked(id, step, LIMITS.approvalParkMs);
      default:
        await this.#text(id, step);
        return true;
    }
  }

  async #text(id: string, step: number): Promise<void> {
    const block = `b${id}${this.#feeder.fence}`;
    await this.#commit([{ type: "block.started", block, kind: "text" }]);
    this.#feeder.live(0, block, "Hello ");
    await this.#pause();
    this.#feeder.live(6, block, "there");
    await this.#commit(
      [
        { type: "block.ended", block, kind: "text", text: "Hello there" },
        { type: "log", level: "info", text: `fence ${this.#feeder.fence}` },
      ],
      { journal: [{ kind: "step", data: step }] },
    );
  }

  async #auto(id: string, step: number): Promise<void> {
    const call = `c${id}`;
    if (this.#calls.has(call)) {
      // An earlier attempt began it: whether it took effect is not known, so it is never done again.
      return this.#finish(call, step, "unknown");
    }
    await this.#commit([
      { type: "tool.called", call, name: "write_file", origin: "native", input: "{}", policy: "auto", risk: "write" },
    ]);
    this.#calls.set(call, { call, policy: "auto", ended: false });
    this.#effect(call);
    await this.#pause();
    await this.#finish(call, step, "done");
  }

  /** @param expiresMs how long the ask lives */
  async #asked(id: string, step: number, expiresMs: number): Promise<boolean> {
    const call = `c${id}`;
    const standing = this.#calls.get(call);
    if (!standing) {
      await this.#ask(id, call, expiresMs);
      return false;
    }
    const approval = standing.approval;
    if (!approval?.decision) return false;
    if (approval.decision !== "allow" && approval.decision !== "edit") {
      await this.#finish(call, step, "none");
      return true;
    }
    const effect = await this.#carryOut(call, approval.id, approval.digest);
    await this.#finish(call, step, effect);
    return true;
  }

  async #ask(id: string, call: string, expiresMs: number): Promise<void> {
    const { kernel } = this.#feeder.runner.world;
    const input = JSON.stringify({ command: `do ${id}` });
    const digest = this.#feeder.digest(input);
    const approval = `ap_${id}`;
    const expiresAt = new Date(Math.floor(kernel.now + expiresMs)).toISOString();
    const { run, agent } = this.#feeder;
    await this.#commit(
      [
        { type: "tool.called", call, name: "shell", origin: "native", input, policy: "ask", risk: "write" },
        { type: "approval.asked", approval, call, digest, risk: "write", quorum: { need: 1 }, expiresAt, question: "May I?" },
      ],
      {
        asks: [
          {
            approval,
            agent,
            agentName: "Guide",
            run,
            runTitle: "A run",
            call,
            tool: "shell",
            input,
            digest,
            risk: "write",
            question: "May I?",
            cwd: "/workspace",
            cause: null,
            need: 1,
            expiresAt,
          },
        ],
      },
    );
    this.#calls.set(call, { call, policy: "ask", ended: false });
  }

  async #carryOut(call: string, approval: string, digest: string): Promise<"done" | "none" | "unknown"> {
    const { run, fence, runner } = this.#feeder;
    const { api, company } = runner.world;
    for (;;) {
      if (!this.#feeder.held()) throw new LeaseLost();
      const answer = await api.execute(run, runner.id, fence, company, approval, digest);
      await this.#pause();
      if (!answer.ok && answer.retryable) {
        await this.#wait(ASK_AGAIN_MS);
        continue;
      }
      if (!answer.ok && ["stale_fence", "fenced"].includes(answer.code)) throw new LeaseLost();
      if (!answer.ok) return ["executing", "executed", "unknown"].includes(answer.code) ? "unknown" : "none";
      if (answer.result?.granted === false) return answer.result.code === "unknown" ? "unknown" : "none";
      this.#effect(call, approval);
      await api.executed(run, runner.id, fence, company, approval);
      return "done";
    }
  }

  /** @throws LeaseLost when the lease is not held any more, at the very moment of the effect */
  #effect(call: string, approval?: string): void {
    if (!this.#feeder.held()) throw new LeaseLost();
    this.#feeder.runner.world.oracle.effect(call, approval);
  }

  #finish(call: string, step: number, effect: "none" | "done" | "unknown"): Promise<void> {
    this.#calls.delete(call);
    return this.#commit(
      [
        { type: "tool.ended", call, ok: effect === "done", output: "x", ms: 1, effect },
        { type: "log", level: "info", text: `fence ${this.#feeder.fence}` },
      ],
      { journal: [{ kind: "step", data: step }] },
    );
  }

  #commit(events: NewEvent[], extra: Parameters<Feeder["commit"]>[1] = {}): Promise<void> {
    // A union member plus the envelope is that member of the envelope's union.
    const whole = events.map((event) => ({ v: 1, run: this.#feeder.run, src: { runtime: "native" }, ...event }) as RunEvent);
    return this.#feeder.commit(whole, extra);
  }

  #pause(): Promise<void> {
    return this.#wait(this.#feeder.runner.world.kernel.random.next() * STEP_MS);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.#feeder.runner.later(ms, resolve));
  }
}
