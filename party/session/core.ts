/** The core of a session's room: one conversation's messages, who answers, the answers under way. Pure. */

import {
  type Context,
  type CoreInput,
  type Decided,
  type Decision,
  type Outgoing,
  type Refused,
  type RoomCore,
  refuse,
} from "../lib/core.ts";
import { assertNever } from "../protocol/assert.ts";
import { type SessionCommand, sessionCommand } from "../protocol/commands.ts";
import type { Actor, ActorRef } from "../protocol/common.ts";
import type { RecordChange, RoomMessage } from "../protocol/internal.ts";
import type { Message, SessionEvent, SessionState } from "../protocol/session.ts";
import { EMPTY_SESSION, evolveSession } from "../protocol/session-state.ts";

export type SessionPrivate = Record<string, never>;

type Result = Decided<SessionEvent, SessionPrivate>;

const SYSTEM: ActorRef = { id: "system", name: "Atrium", kind: "system" };
const ref = ({ id, name, kind }: ActorRef): ActorRef => ({ id, name, kind });
const done = (events: SessionEvent[], more: Partial<Result> = {}): Result => ({ ok: true, events, ...more });

export const sessionCore: RoomCore<SessionState, SessionPrivate, SessionEvent> = {
  party: "session",
  empty: EMPTY_SESSION,
  emptyPriv: {},
  evolve: evolveSession,
  decide(state, _priv, input, context): Decision<SessionEvent, SessionPrivate> {
    return take(state, input, context);
  },
  due: () => undefined,
  companyOf: (state) => state.config?.company ?? "",
};

function take(state: SessionState, input: CoreInput, context: Context): Result | Refused {
  switch (input.kind) {
    case "command": {
      const command = sessionCommand.safeParse(input.command);
      return command.success
        ? takeCommand(state, input.actor, command.data, context)
        : refuse("invalid", "A conversation does not know that command.");
    }
    case "op":
      return input.op.op === "record" ? takeRecord(input.op.change) : refuse("invalid", "A conversation has no runs of its own.");
    case "message":
      return takeMessage(state, input.message, context);
    case "tick":
    case "started":
      return done([]);
    case "feeder":
    case "dispatched":
      return refuse("invalid", "Runs live in the agents' rooms.");
  }
}

function takeCommand(state: SessionState, actor: Actor, command: SessionCommand, context: Context): Result | Refused {
  const { config } = state;
  if (!config) return refuse("not_ready", "This conversation is still being set up.", { retryable: true });
  if (config.archived) return refuse("conflict", "This conversation is archived. Bring it back first.");
  const by = ref(actor);
  switch (command.type) {
    case "message.post": {
      const at = new Date(context.now).toISOString();
      const message: Message = { id: context.newId("msg"), by, text: command.text, at, replyTo: command.replyTo };
      const out: Outgoing[] = [];
      if (state.answeredBy.kind === "agent") {
        out.push({
          party: "agent",
          room: config.agent,
          message: {
            kind: "wake",
            wake: {
              key: message.id,
              source: "chat",
              reason: "A message in a conversation",
              subject: { kind: "session", id: config.id },
              prompt: command.text,
              requestedBy: by,
            },
          },
        });
      }
      return done([{ type: "message.posted", message }], { out, result: { message } });
    }
    case "message.edit":
    case "message.delete": {
      const message = state.messages.find((known) => known.id === command.message);
      if (!message) return refuse("not_found", "There is no such message here.");
      if (message.by.id !== actor.id) return refuse("forbidden", "Only the one who wrote a message can change it.");
      if (message.deleted) return refuse("conflict", "This message was deleted.");
      return command.type === "message.edit"
        ? done([{ type: "message.edited", message: message.id, text: command.text, by }])
        : done([{ type: "message.deleted", message: message.id, by }]);
    }
    case "answer.stop":
      if (state.answers.length === 0) return refuse("conflict", "Nobody is answering right now.");
      return done([], {
        out: state.answers.map(({ run, agent }) => ({
          party: "agent",
          room: agent,
          message: { kind: "answer.stop", run, by: actor },
        })),
      });
    case "session.takeOver":
      if (state.answeredBy.kind === "person") return refuse("conflict", `${state.answeredBy.by.name} answers already.`);
      return done([{ type: "session.takenOver", by }]);
    case "session.handBack":
      if (state.answeredBy.kind === "agent") return refuse("conflict", "The agent answers already.");
      return done([{ type: "session.handedBack", by }]);
    default:
      return assertNever(command);
  }
}

function takeRecord(change: RecordChange): Result {
  switch (change.kind) {
    case "session":
      return done([{ type: "session.configured", config: change.config }]);
    case "session.revoked":
      return done([], { close: [{ kind: "session", session: change.session }] });
    case "purge":
      return done([], { close: [{ kind: "all" }], purge: true });
    default:
      return done([]);
  }
}

function takeMessage(state: SessionState, message: RoomMessage, context: Context): Result | Refused {
  switch (message.kind) {
    case "answer.started":
      return done([{ type: "answer.started", run: message.run, agent: message.agent }]);
    case "answer.ended": {
      const events: SessionEvent[] = [];
      if (message.text) {
        const by: ActorRef = { id: message.agent, name: message.agentName, kind: "agent" };
        const at = new Date(context.now).toISOString();
        events.push({
          type: "message.posted",
          message: { id: context.newId("msg"), by, text: message.text, at, run: message.run },
        });
      } else if (message.note) {
        const at = new Date(context.now).toISOString();
        events.push({
          type: "message.posted",
          message: { id: context.newId("msg"), by: SYSTEM, text: message.note, at, run: message.run },
        });
      }
      if (state.answers.some((answer) => answer.run === message.run)) {
        events.push({ type: "answer.ended", run: message.run, outcome: message.outcome, note: message.note });
      }
      return done(events);
    }
    case "rights":
      return message.role === null
        ? done([], { close: [{ kind: "person", person: message.person }] })
        : done([], { roles: [{ person: message.person, role: message.role, rights: message.rights }] });
    case "session.revoked":
      return done([], { close: [{ kind: "session", session: message.session }] });
    default:
      return refuse("invalid", `A conversation has no use for ${message.kind}.`);
  }
}
