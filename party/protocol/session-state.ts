/** The reducer of the session's room, shared by the room's core and the app. No I/O, no clock, no zod. */
import { LIMITS } from "./limits.ts";
import type { Stamped } from "./run-events.ts";
import type { Message, SessionEvent, SessionState } from "./session.ts";

export const EMPTY_SESSION: SessionState = { messages: [], told: {}, answers: [], answeredBy: { kind: "agent" } };

/** Applies one durable event. Returns a new state; the old one is untouched. */
export function evolveSession(state: SessionState, event: Stamped<SessionEvent>): SessionState {
  switch (event.type) {
    case "session.configured":
      return { ...state, config: event.config };
    case "message.posted":
      return bounded({ ...state, messages: [...state.messages, event.message] });
    case "message.edited": {
      const edit = { text: event.text, edited: true, editedAt: event.at };
      // What agents said of an earlier edit is not true of this one.
      return withMessage(withoutTold(state, event.message), event.message, (message) =>
        message.deleted ? message : { ...message, ...edit },
      );
    }
    case "message.deleted":
      return withMessage(withoutTold(state, event.message), event.message, ({ attachments: _gone, ...message }) => ({
        ...message,
        text: "",
        deleted: true,
      }));
    case "edit.told": {
      if (!state.messages.some((message) => message.id === event.message && !message.deleted)) return state;
      const { type: _type, seq: _seq, ...told } = event;
      const others = (state.told[event.message] ?? []).filter((earlier) => earlier.agent !== event.agent);
      return { ...state, told: { ...state.told, [event.message]: [...others, told] } };
    }
    case "answer.started": {
      const { run, agent, agentName, message, at: since } = event;
      const others = state.answers.filter((answer) => answer.run !== run);
      return { ...state, answers: [...others, { run, agent, agentName, message, since }] };
    }
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

/** Keeps the newest messages, and what is known of their edits. */
function bounded(state: SessionState): SessionState {
  const gone = state.messages.slice(0, -LIMITS.snapshotMessages);
  const left = { ...state, messages: state.messages.slice(-LIMITS.snapshotMessages) };
  return gone.reduce((rest, message) => withoutTold(rest, message.id), left);
}

function withoutTold(state: SessionState, id: string): SessionState {
  if (!(id in state.told)) return state;
  const { [id]: _gone, ...told } = state.told;
  return { ...state, told };
}

function withMessage(state: SessionState, id: string, change: (message: Message) => Message): SessionState {
  return { ...state, messages: state.messages.map((message) => (message.id === id ? change(message) : message)) };
}
