/**
 * An agent and its lanes. The agent's own room passes on what concerns all its work (a pause, a stop of everything) and hears
 * how many runs are under way, never which; a lane keeps who may be in it.
 */
import { type Refused, refuse } from "../lib/core.ts";
import type { AgentStatus } from "../protocol/agent.ts";
import type { AgentCommand } from "../protocol/commands.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { RecordChange, RoomMessage } from "../protocol/internal.ts";
import { laneRoom } from "../protocol/lanes.ts";
import type { AgentPrivate } from "./private.ts";
import type { Turn } from "./turn.ts";

/** Commands about the agent as a whole, or that would begin something outside of the conversation. */
const NOT_IN_LANES: readonly AgentCommand["type"][] = ["agent.pause", "agent.resume", "run.wake"];

const SYSTEM: ActorRef = { id: "system", name: "Atrium", kind: "system" };

export function laneRecord(turn: Turn, { session, people }: Extract<RecordChange, { kind: "lane" }>): void {
  const { lanes } = turn.priv;
  if (turn.lane) {
    for (const person of lanes.people) if (!people.includes(person)) turn.close({ kind: "person", person });
    turn.setLanes({ people });
    return;
  }
  turn.setLanes({ busy: { ...lanes.busy, [session]: lanes.busy[session] ?? 0 } });
  if (turn.state.status.kind === "paused") sayStatus(turn, session);
}

/** What a person in a lane may not ask of it. */
export function refuseInLane(turn: Turn, command: AgentCommand): Refused | undefined {
  if (!turn.lane || !NOT_IN_LANES.includes(command.type)) return undefined;
  return refuse("elsewhere", "This is the agent's work for a private conversation. Do that with the agent itself.");
}

/** Whether a person may be here at all, as far as the room itself knows. */
export function isOutsider({ lanes }: AgentPrivate, person: string): boolean {
  return lanes.people.length > 0 && !lanes.people.includes(person);
}

/** Passes on that the agent was paused or works again. @param before its status when the turn began */
export function passOnStatus(turn: Turn, before: AgentStatus): void {
  const now = turn.state.status;
  if (turn.lane || now.kind === before.kind || (now.kind !== "paused" && before.kind !== "paused")) return;
  for (const session of Object.keys(turn.priv.lanes.busy)) sayStatus(turn, session);
}

/** Passes on that everything is to stop. */
export function passOnStop(turn: Turn, by: ActorRef): void {
  for (const session of Object.keys(turn.priv.lanes.busy)) turn.say("agent", laneRoom(turn.agent, session), { kind: "stop", by });
}

function sayStatus(turn: Turn, session: string): void {
  const { status } = turn.state;
  const paused = status.kind === "paused" ? { by: status.by, reason: status.reason, note: status.note } : null;
  turn.say("agent", laneRoom(turn.agent, session), { kind: "lane.status", paused, by: paused?.by ?? SYSTEM });
}

/** In a lane: the agent was paused, or works again. */
export function followStatus(turn: Turn, { paused, by }: Extract<RoomMessage, { kind: "lane.status" }>): void {
  const { kind } = turn.state.status;
  if (!turn.lane || kind === "retired") return;
  if (paused && kind !== "paused") turn.emit({ type: "agent.paused", ...paused });
  if (!paused && kind === "paused") turn.emit({ type: "agent.resumed", by });
}

/** In the agent's own room: how many runs a lane holds now. */
export function laneBusy(turn: Turn, { session, live }: Extract<RoomMessage, { kind: "lane.busy" }>): void {
  const { busy } = turn.priv.lanes;
  if (busy[session] !== undefined && busy[session] !== live) turn.setLanes({ busy: { ...busy, [session]: live } });
}
