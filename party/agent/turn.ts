/** A turn of the agent's core: runs and their rows, what runners are told, what the company's room learns at its end. */

import type { Context, Decided, Outgoing } from "../lib/core.ts";
import { BaseTurn } from "../lib/turn.ts";
import type { AgentEvent, AgentState } from "../protocol/agent.ts";
import { evolveAgent, liveRuns } from "../protocol/agent-state.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { FeederAnswer, JournalEntry, RoomMessage } from "../protocol/internal.ts";
import { laneOf, laneRoom } from "../protocol/lanes.ts";
import type { RunEvent } from "../protocol/run-events.ts";
import {
  type AgentLanes,
  type AgentMain,
  type AgentPrivate,
  type AgentWakes,
  type LiveRun,
  liveInLanes,
  runKey,
  runOf,
} from "./private.ts";
import { doingLine, rosterEntry } from "./roster.ts";

/** ms between two moving lines sent to the Floor */
const DOING_EVERY_MS = 300;

/** `Omit` that keeps a union a union. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A run's event without what the turn adds. */
export type NewRunEvent = Without<RunEvent, "v" | "run" | "src">;

export class Turn extends BaseTurn<AgentState, AgentPrivate, AgentEvent> {
  readonly #tell: { run: string; answer: FeederAnswer }[] = [];
  readonly #dispatch: NonNullable<Decided<AgentEvent, AgentPrivate>["dispatch"]> = [];
  readonly #forget: string[] = [];
  readonly #journal: NonNullable<Decided<AgentEvent, AgentPrivate>["journal"]> = [];

  constructor(state: AgentState, priv: AgentPrivate, context: Context) {
    super(state, priv, context, evolveAgent);
  }

  /** The agent: of a lane too. */
  get agent(): string {
    return laneOf(this.context.room)?.owner ?? this.context.room;
  }

  /** The private conversation this room is a lane for. */
  get lane(): string | undefined {
    return laneOf(this.context.room)?.session;
  }

  get main(): AgentMain {
    return this.priv.main;
  }

  setMain(change: Partial<AgentMain>): void {
    this.priv = { ...this.priv, main: { ...this.priv.main, ...change } };
  }

  get wakes(): AgentWakes {
    return this.priv.wakes;
  }

  setWakes(change: Partial<AgentWakes>): void {
    this.priv = { ...this.priv, wakes: { ...this.priv.wakes, ...change } };
  }

  setLanes(change: Partial<AgentLanes>): void {
    this.priv = { ...this.priv, lanes: { ...this.priv.lanes, ...change } };
  }

  get instructions(): string {
    return this.priv.brief.instructions;
  }

  setInstructions(instructions: string): void {
    if (instructions !== this.instructions) this.priv = { ...this.priv, brief: { instructions } };
  }

  run(id: string): LiveRun | undefined {
    return runOf(this.priv, id);
  }

  setRun(id: string, run: LiveRun): void {
    this.priv = { ...this.priv, [runKey(id)]: run };
  }

  dropRun(id: string): void {
    const { [runKey(id)]: _gone, ...rest } = this.priv;
    // The rest keeps its shape: only a run's row was taken out.
    this.priv = rest as AgentPrivate;
    this.#forget.push(id);
  }

  emitRun(run: string, event: NewRunEvent): void {
    const runtime = this.state.runs[run]?.runtime ?? this.state.config?.runtime ?? "native";
    // A union member plus the envelope is that member of the envelope's union.
    this.emit({ v: 1, run, src: { runtime }, ...event } as RunEvent);
  }

  company(message: RoomMessage): void {
    const company = this.state.config?.company;
    if (company) this.say("company", this.lane ? laneRoom(company, this.lane) : company, message);
  }

  activity(by: ActorRef, text: string, run?: string): void {
    this.company({ kind: "activity", by, text, agent: this.agent, run });
  }

  tell(run: string, answer: FeederAnswer): void {
    this.#tell.push({ run, answer });
  }

  dispatch(run: string, fence: number): void {
    const company = this.state.config?.company;
    if (company) this.#dispatch.push({ run, fence, agent: this.agent, lane: this.lane, company });
  }

  /** Writes rows of a run's journal, behind the others or in the place of some. */
  journal(run: string, from: number, entries: JournalEntry[]): void {
    if (entries.length > 0) this.#journal.push({ run, from, entries });
  }

  done(): Decided<AgentEvent, AgentPrivate> {
    const say = this.#roster();
    return {
      ...this.decided(),
      say,
      journal: this.#journal,
      tell: this.#tell,
      dispatch: this.#dispatch,
      forget: this.#forget,
    };
  }

  /** All that anybody else may know of a lane: that something is under way in it. */
  #busy(session: string): void {
    const live = liveRuns(this.state).length;
    if (String(live) === (this.main.roster || "0")) return;
    this.setMain({ roster: String(live) });
    this.say("agent", this.agent, { kind: "lane.busy", session, live });
  }

  /** Tells the company's room what changed: lasting things for good, moving lines now and then. */
  #roster(): Outgoing[] {
    if (this.lane) {
      this.#busy(this.lane);
      return [];
    }
    const entry = rosterEntry(this.state, liveInLanes(this.priv));
    const company = this.state.config?.company;
    if (!entry || !company) return [];
    const { doing: _doing, call: _call, ...lasting } = entry;
    const text = JSON.stringify({ ...lasting, run: lasting.run && { id: lasting.run.id, title: lasting.run.title } });
    const moving = doingLine(entry);
    if (text !== this.main.roster) {
      this.setMain({ roster: text, doing: { text: moving, at: this.now } });
      this.say("company", company, { kind: "roster", entry });
      return [];
    }
    const { doing } = this.main;
    if (moving === doing.text || this.now - doing.at < DOING_EVERY_MS) return [];
    this.setMain({ doing: { text: moving, at: this.now } });
    return [
      { party: "company", room: company, message: { kind: "doing", agent: entry.agent, doing: entry.doing, call: entry.call } },
    ];
  }
}
