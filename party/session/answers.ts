/** Who answers, and what agents say of their answers. */
import { type Refused, refuse } from "../lib/core.ts";
import type { SessionCommand } from "../protocol/commands.ts";
import type { Actor, ActorRef } from "../protocol/common.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import type { SessionConfig } from "../protocol/session.ts";
import { agentsOf, SYSTEM, type Turn } from "./turn.ts";

/** characters of a note in an event */
const NOTE_CHARS = 2_000;

/** Stops one answer, or all of this conversation, those included that have not begun. */
export function stop(turn: Turn, actor: Actor, config: SessionConfig, { run }: Extract<SessionCommand, { type: "answer.stop" }>) {
  const { answers } = turn.state;
  if (answers.length === 0) return refuse("conflict", "Nobody is answering right now.");
  if (run === undefined) {
    stopAll(turn, actor, config);
    return undefined;
  }
  const answer = answers.find((known) => known.run === run);
  if (!answer) return refuse("conflict", "This answer has ended already.");
  turn.tellAgent(answer.agent, { kind: "answer.stop", run, by: actor });
  return undefined;
}

export function takeOver(turn: Turn, actor: Actor, by: ActorRef, config: SessionConfig): Refused | undefined {
  if (turn.state.answeredBy.kind === "person") return refuse("conflict", `${turn.state.answeredBy.by.name} answers already.`);
  turn.emit({ type: "session.takenOver", by });
  // Agents stay silent from here on: what they had begun ends, and what waits does not begin.
  stopAll(turn, actor, config);
  return undefined;
}

export function handBack(turn: Turn, by: ActorRef): Refused | undefined {
  if (turn.state.answeredBy.kind === "agent") return refuse("conflict", "The agents answer already.");
  turn.emit({ type: "session.handedBack", by });
  return undefined;
}

function stopAll(turn: Turn, actor: Actor, config: SessionConfig): void {
  const agents = new Set([...agentsOf(config).map(({ id }) => id), ...turn.state.answers.map(({ agent }) => agent)]);
  for (const agent of agents) turn.tellAgent(agent, { kind: "answer.stop", by: actor });
}

export function started(turn: Turn, { run, agent, agentName, message }: Extract<RoomMessage, { kind: "answer.started" }>): void {
  turn.emit({ type: "answer.started", run, agent, agentName, message });
}

/** The end of an answer: what the agent wrote, and in one sentence why there is no more than that. */
export function ended(turn: Turn, answer: Extract<RoomMessage, { kind: "answer.ended" }>): void {
  const { run, agent, agentName, message: answers, outcome, text } = answer;
  if (text) turn.post({ by: { id: agent, name: agentName, kind: "agent" }, text, run, answers });
  const note = noteOf(answer);
  if (note !== undefined) turn.post({ by: SYSTEM, text: note, run, answers });
  if (turn.state.answers.some((known) => known.run === run)) turn.emit({ type: "answer.ended", run, outcome, note });
}

function noteOf({ outcome, note, text, agentName }: Extract<RoomMessage, { kind: "answer.ended" }>): string | undefined {
  if (outcome === "aborted") return undefined;
  if (note) return note.slice(0, NOTE_CHARS);
  if (outcome !== "done") return `${agentName} could not finish the answer.`;
  return text ? undefined : `${agentName} finished without writing an answer.`;
}
