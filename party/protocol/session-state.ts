/** The reducer of the session's room, shared by the room's core and the app. No I/O, no clock, no zod. */
import { LIMITS } from "./limits.ts";
import type { Stamped } from "./run-events.ts";
import type { Message, SessionEvent, SessionState } from "./session.ts";

export const EMPTY_SESSION: SessionState = { messages: [], answers: [], answeredBy: { kind: "agent" } };

/** Applies one durable event. Returns a new state; the old one is untouched. */
export function evolveSession(state: SessionState, event: Stamped<SessionEvent>): SessionState {
  switch (event.type) {
    case "session.configured":
      return { ...state, config: event.config };
    case "message.posted":
      return { ...state, messages: [...state.messages, event.message].slice(-LIMITS.snapshotMessages) };
    case "message.edited":
      return withMessage(state, event.message, (message) => ({ ...message, text: event.text, edited: true }));
    case "message.deleted":
      return withMessage(state, event.message, (message) => ({ ...message, text: "", deleted: true }));
    case "answer.started":
      return {
        ...state,
        answers: [...state.answers.filter((answer) => answer.run !== event.run), { run: event.run, agent: event.agent }],
      };
    case "answer.ended":
      return { ...state, answers: state.answers.filter((answer) => answer.run !== event.run) };
    case "session.takenOver":
      return { ...state, answeredBy: { kind: "person", by: event.by } };
    case "session.handedBack":
      return { ...state, answeredBy: { kind: "agent" } };
    default: {
      // An event of a newer room: an older app shows what it knows and keeps its place in the log.
      const unknown: never = event;
      void unknown;
      return state;
    }
  }
}

function withMessage(state: SessionState, id: string, change: (message: Message) => Message): SessionState {
  return { ...state, messages: state.messages.map((message) => (message.id === id ? change(message) : message)) };
}
