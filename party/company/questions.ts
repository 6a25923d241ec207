/** Questions of agents, answered by people in place. The first answer counts. */

import { type Refused, refuse } from "../lib/core.ts";
import type { Actor } from "../protocol/common.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import type { Turn } from "./turn.ts";

export function askQuestion(turn: Turn, asked: Extract<RoomMessage, { kind: "question.ask" }>["question"]): void {
  if (turn.state.questions[asked.id]) return;
  turn.emit({ type: "question.asked", question: { ...asked, state: "open", createdAt: new Date(turn.now).toISOString() } });
}

export function answer(turn: Turn, actor: Actor, id: string, value: string): Refused | undefined {
  const question = turn.state.questions[id];
  if (!question) return refuse("not_found", "There is no such question.");
  if (question.state === "answered" && question.answer) {
    const { by, at, value: given } = question.answer;
    return refuse("already_decided", `${by.name} answered first.`, {
      winner: { by: { id: by.id, name: by.name }, decision: given, at },
    });
  }
  if (question.state !== "open") return refuse("conflict", "This question is closed: its run has ended.");
  const by = { id: actor.id, name: actor.name, kind: actor.kind };
  turn.emit({ type: "question.answered", question: id, by, value });
  turn.activity(by, `answered ${question.agentName}`, { agent: question.agent, run: question.run });
  turn.tellAgent(question.agent, { kind: "question.answered", question: id, run: question.run, by, value });
  return undefined;
}

/** Closes open questions of a run: those named, or all. */
export function cancelQuestions(turn: Turn, run: string, only?: readonly string[]): void {
  for (const question of Object.values(turn.state.questions)) {
    if (question.run === run && question.state === "open" && (only?.includes(question.id) ?? true))
      turn.emit({ type: "question.cancelled", question: question.id });
  }
}
