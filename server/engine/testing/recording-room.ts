/**
 * A room for tests of the loop: records what a run tells it, applies the real reducer, grants claims, and can take the
 * runner away at any frame, before or after it was stored. Its frames are checked by the schemas of the wire.
 */
import type { AgentConfig, AgentState, ApprovalAsk } from "../../../party/protocol/agent.ts";
import { EMPTY_AGENT, evolveAgent } from "../../../party/protocol/agent-state.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import { argumentsDigest } from "../../../party/protocol/digest.ts";
import { type CallStanding, feederFrame, type JournalEntry } from "../../../party/protocol/internal.ts";
import type { RunEvent, RunLive, Stamped } from "../../../party/protocol/run-events.ts";
import {
  type Claimed,
  type Decided,
  type ExecuteClaim,
  type ExecutePort,
  FrameRefused,
  LeaseLost,
  type Release,
  type RoomPort,
} from "../../runtimes/contract.ts";
import { readClaim } from "../execute-client.ts";
import { type FrameBody, pack } from "../frames.ts";

export const RUN = "run_test";
export const ANA: ActorRef = { id: "u_ana", name: "Ana", kind: "person" };

export const CONFIG: AgentConfig = {
  id: "ag_test",
  company: "co_test",
  name: "Guide",
  title: "Tester",
  runtime: "native",
  model: "rehearsal",
  instructions: "",
  tools: { profile: "coding" },
  maxConcurrentRuns: 1,
  retired: false,
};

/** When the runner is taken away: at the stored frame of this number, counted over all claims. */
export type Crash = { frame: number; stored: boolean };

type Asked = {
  ask: ApprovalAsk;
  state: "pending" | "allowed" | "executing" | "executed" | "unknown";
  digest: string;
  fence: number;
};

export class RecordingRoom {
  readonly events: Stamped<RunEvent>[] = [];
  readonly live: RunLive[] = [];
  readonly approvals = new Map<string, Asked>();
  journal: JournalEntry[] = [];
  state: AgentState = EMPTY_AGENT;
  released: Release | undefined;
  ranMs = 0;
  /** frames of which this holds are not taken */
  refuses: (frame: FrameBody) => boolean = () => false;
  #frames = 0;
  #crashes: Crash[];
  #fence = 0;
  #attempt = 1;
  #standings = new Map<string, CallStanding>();
  #questions: Claimed["questions"] = [];
  #steers: Claimed["steers"] = [];
  #interrupted = false;
  #holder: AbortController | undefined;
  /** what arrives is stored one after the other */
  #tail: Promise<void> = Promise.resolve();
  #waiting: { until: () => boolean; resolve: () => void }[] = [];
  readonly #prompts: string[];

  constructor(prompts: string[], crashes: Crash[] = []) {
    this.#prompts = prompts;
    this.#crashes = crashes;
    this.#append({
      v: 1,
      run: RUN,
      src: { runtime: "room" },
      type: "run.queued",
      title: "Test",
      source: "person",
      reason: "asked",
      by: ANA,
      subject: { kind: "none" },
    });
  }

  get frames(): number {
    return this.#frames;
  }

  get run() {
    const run = this.state.runs[RUN];
    if (!run) throw new Error("the run is gone");
    return run;
  }

  /** Grants the run; the one who had it before has lost it. */
  claim(): { claimed: Claimed; journal: JournalEntry[]; room: RoomPort; execute: ExecutePort } {
    this.#holder?.abort();
    const holder = new AbortController();
    this.#holder = holder;
    this.#fence += 1;
    this.released = undefined;
    const fence = this.#fence;
    const claimed: Claimed = {
      type: "claimed",
      fence,
      last: 0,
      run: {
        id: RUN,
        title: "Test",
        subject: { kind: "none" },
        by: ANA,
        prompts: this.#prompts.map((text) => ({ by: ANA, text, via: "prompt" })),
        attempt: this.#attempt,
        ranMs: this.ranMs,
      },
      config: CONFIG,
      calls: structuredClone([...this.#standings.values()]),
      questions: structuredClone(this.#questions),
      steers: structuredClone(this.#steers),
      openBlocks: this.run.openBlocks,
      interrupted: this.#interrupted,
    };
    this.#interrupted = false;
    return { claimed, journal: structuredClone(this.journal), room: this.#port(holder, fence), execute: this.#execution(fence) };
  }

  /** The runner is gone without a word. */
  lose(): void {
    this.#attempt += 1;
    for (const asked of this.approvals.values()) if (asked.state === "executing") asked.state = "unknown";
    this.#holder?.abort();
  }

  interruptedMeanwhile(): void {
    this.#interrupted = true;
  }

  steer(id: string, text: string): Claimed["steers"][number] {
    const steer = { id, by: ANA, text };
    this.#steers.push(steer);
    this.#append({ v: 1, run: RUN, src: { runtime: "room" }, type: "steer.queued", steer: id, by: ANA, text });
    return steer;
  }

  /** Ana decides. @returns what a runner that holds the run is told */
  decide(approval: string, decision: "allow" | "deny" | "edit", input?: string, note?: string): Decided {
    const asked = this.approvals.get(approval);
    const call = asked && this.#standings.get(asked.ask.call);
    if (!asked || !call?.approval) throw new Error(`no approval ${approval}`);
    if (decision === "edit") asked.digest = argumentsDigest(asked.ask.tool, input ?? "", asked.ask.cwd);
    asked.state = decision === "deny" ? "executed" : "allowed";
    const by = [{ name: ANA.name }];
    call.approval = { ...call.approval, digest: asked.digest, decision, input, by, note };
    return { call: call.call, approval, digest: asked.digest, decision, input, by, note };
  }

  answer(question: string, value: string): { question: string; by: ActorRef; value: string } {
    this.#questions = this.#questions.map((open) => (open.id === question ? { ...open, answer: { by: ANA, value } } : open));
    return { question, by: ANA, value };
  }

  /** Approvals nobody decided and questions nobody answered. */
  get open(): { approvals: string[]; questions: string[] } {
    const calls = [...this.#standings.values()].filter((call) => !call.ended && call.approval && !call.approval.decision);
    return {
      approvals: calls.flatMap((call) => (call.approval ? [call.approval.id] : [])),
      questions: this.#questions.filter((question) => !question.answer).map((question) => question.id),
    };
  }

  /** Resolves as soon as `until` holds; looked at after everything that is told. */
  when(until: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ until, resolve });
      this.#look();
    });
  }

  #port(holder: AbortController, fence: number): RoomPort {
    const commit = (groups: Parameters<RoomPort["commit"]>[0], release?: Release): Promise<void> => {
      if (holder.signal.aborted) return Promise.reject(new LeaseLost("another runner has the run"));
      const stored = this.#tail.then(async () => {
        for (const body of pack(groups, release)) await this.#receive(body, holder, fence);
      });
      this.#tail = stored.catch(() => {});
      return stored;
    };
    return {
      commit,
      send: (groups) => void commit(groups).catch(() => {}),
      live: (item) => {
        if (!holder.signal.aborted) this.live.push(item);
        this.#look();
      },
      lost: holder.signal,
      held: () => !holder.signal.aborted,
    };
  }

  /** A frame arrives a moment after it was sent, as over a socket, and in order. */
  async #receive(body: FrameBody, holder: AbortController, fence: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (holder.signal.aborted) throw new LeaseLost("another runner has the run");
    if (this.refuses(body)) throw new FrameRefused("invalid", "refused by a test");
    const crash = this.#crashes.find((planned) => planned.frame === this.#frames);
    this.#frames += 1;
    if (!crash || crash.stored) this.#store(body, fence);
    if (!crash) return;
    this.#crashes = this.#crashes.filter((planned) => planned !== crash);
    // A release that was stored leaves nobody to lose.
    if (crash.stored && body.release) return;
    this.lose();
    throw new LeaseLost("crash");
  }

  /** The company's room, as far as a run sees it. */
  #execution(fence: number): ExecutePort {
    return {
      claim: async (approval, digest): Promise<ExecuteClaim> => {
        const asked = this.approvals.get(approval);
        if (asked?.state === "executing" && asked.fence < fence) asked.state = "unknown";
        if (asked?.state === "unknown") return { ok: false, effect: "unknown", why: "unknown" };
        if (asked?.state !== "allowed") return { ok: false, effect: "none", why: `state ${asked?.state}` };
        if (asked.digest !== digest) return readClaim({ status: 409, body: { error: { code: "stale_arguments" } } });
        asked.state = "executing";
        asked.fence = fence;
        return { ok: true };
      },
      done: async (approval) => {
        // It takes longer than a frame: another process and another room are on its way.
        for (let hop = 0; hop < 4; hop++) await new Promise((resolve) => setImmediate(resolve));
        const asked = this.approvals.get(approval);
        if (asked?.state === "executing" && asked.fence === fence) asked.state = "executed";
      },
    };
  }

  #store(body: FrameBody, fence: number): void {
    const frame = feederFrame.parse(JSON.parse(JSON.stringify({ type: "events", fence, n: 1, ...body })));
    if (frame.type !== "events") throw new Error("not an events frame");
    for (const event of frame.events) this.#append(event);
    this.journal.push(...(frame.journal ?? []));
    for (const ask of frame.asks ?? []) {
      this.approvals.set(ask.approval, { ask, state: "pending", digest: ask.digest, fence: 0 });
    }
    for (const question of frame.questions ?? []) this.#questions.push({ id: question.id });
    this.released = frame.release;
    this.#look();
  }

  #append(event: RunEvent): void {
    const stamped = { ...event, seq: this.events.length + 1, at: new Date(0).toISOString() };
    this.events.push(stamped);
    this.state = evolveAgent(this.state, stamped);
    switch (event.type) {
      case "tool.called":
        this.#standings.set(event.call, { call: event.call, policy: event.policy, ended: false });
        break;
      case "approval.asked": {
        const standing = this.#standings.get(event.call);
        if (standing) standing.approval = { id: event.approval, digest: event.digest, by: [] };
        break;
      }
      case "tool.ended": {
        const standing = this.#standings.get(event.call);
        if (standing) standing.ended = true;
        this.#questions = this.#questions.filter((question) => question.id !== event.call);
        break;
      }
      case "steer.applied":
        this.#steers = this.#steers.filter((steer) => steer.id !== event.steer);
        break;
      case "run.ended":
        for (const asked of this.approvals.values()) if (asked.state === "executing") asked.state = "unknown";
        break;
      default:
        break;
    }
  }

  #look(): void {
    const ready = this.#waiting.filter(({ until }) => until());
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const { resolve } of ready) resolve();
  }
}
