/** The core of a session's room: one conversation's messages, who answers, the answers under way. Pure. */

import { type CoreInput, type Decision, type Refused, type RoomCore, refuse } from "../lib/core.ts";
import { assertNever } from "../protocol/assert.ts";
import { type SessionCommand, sessionCommand } from "../protocol/commands.ts";
import type { Actor, ActorRef } from "../protocol/common.ts";
import type { RecordChange, RoomMessage } from "../protocol/internal.ts";
import type { SessionConfig, SessionEvent, SessionState } from "../protocol/session.ts";
import { EMPTY_SESSION, evolveSession } from "../protocol/session-state.ts";
import { ended, handBack, started, stop, takeOver } from "./answers.ts";
import { edit, post, remove, retry } from "./messages.ts";
import { EMPTY_SESSION_PRIVATE, type SessionPrivate } from "./private.ts";
import { Turn } from "./turn.ts";

export const sessionCore: RoomCore<SessionState, SessionPrivate, SessionEvent> = {
  party: "session",
  empty: EMPTY_SESSION,
  emptyPriv: EMPTY_SESSION_PRIVATE,
  evolve: evolveSession,
  decide(state, priv, input, context): Decision<SessionEvent, SessionPrivate> {
    const turn = new Turn(state, priv, context, input.kind === "command" ? input.known : undefined);
    return take(turn, input) ?? turn.done();
  },
  due: () => undefined,
  companyOf: (state) => state.config?.company ?? "",
  rightsOf(state, _priv, person) {
    // The ticket was made before the person was taken out.
    return mayBeHere(state.config, person) ? undefined : { role: null, rights: Number.MAX_SAFE_INTEGER };
  },
  takesBack: ({ type }) => type === "message.edited" || type === "message.deleted",
};

/** Whether a person may see the conversation at all. */
function mayBeHere(config: SessionConfig | undefined, person: string): boolean {
  return !config?.private || (config.people ?? []).some((named) => named.id === person);
}

function take(turn: Turn, input: CoreInput): Refused | undefined {
  switch (input.kind) {
    case "command": {
      const command = sessionCommand.safeParse(input.command);
      return command.success
        ? takeCommand(turn, input.actor, command.data)
        : refuse("invalid", "A conversation does not know that command.");
    }
    case "op":
      if (input.op.op !== "record") return refuse("invalid", "A conversation has no runs of its own.");
      takeRecord(turn, input.op.change);
      return undefined;
    case "message":
      return takeMessage(turn, input.message);
    case "tick":
    case "started":
      return undefined;
    case "feeder":
    case "dispatched":
      return refuse("invalid", "Runs live in the agents' rooms.");
  }
}

function takeCommand(turn: Turn, actor: Actor, command: SessionCommand): Refused | undefined {
  const { config } = turn.state;
  if (!config) return refuse("not_ready", "This conversation is still being set up.", { retryable: true });
  if (!mayBeHere(config, actor.id)) return refuse("not_found", "There is no such conversation.");
  if (config.archived && command.type !== "answer.stop")
    return refuse("conflict", "This conversation is archived. Bring it back first.");
  const by: ActorRef = { id: actor.id, name: actor.name, kind: actor.kind };
  switch (command.type) {
    case "message.post":
      return post(turn, by, config, command);
    case "message.edit":
      return edit(turn, by, command);
    case "message.delete":
      return remove(turn, by, command.message);
    case "message.retry":
      return retry(turn, config, command.message);
    case "answer.stop":
      return stop(turn, actor, config, command);
    case "session.takeOver":
      return takeOver(turn, actor, by, config);
    case "session.handBack":
      return handBack(turn, by);
    default:
      return assertNever(command);
  }
}

function takeRecord(turn: Turn, change: RecordChange): void {
  switch (change.kind) {
    case "session": {
      const before = turn.state.config;
      turn.emit({ type: "session.configured", config: change.config });
      for (const { id } of before?.people ?? []) if (!mayBeHere(change.config, id)) turn.close({ kind: "person", person: id });
      return;
    }
    case "session.revoked":
      turn.close({ kind: "session", session: change.session });
      return;
    case "purge":
      turn.close({ kind: "all" });
      turn.purge = true;
      return;
    default:
      return;
  }
}

function takeMessage(turn: Turn, message: RoomMessage): Refused | undefined {
  switch (message.kind) {
    case "answer.started":
      started(turn, message);
      return undefined;
    case "answer.ended":
      ended(turn, message);
      return undefined;
    case "edit.told": {
      const { kind: _kind, ...told } = message;
      turn.emit({ type: "edit.told", ...told });
      return undefined;
    }
    case "rights":
      if (message.role === null) turn.close({ kind: "person", person: message.person });
      else turn.roles = [{ person: message.person, role: message.role, rights: message.rights }];
      return undefined;
    case "session.revoked":
      turn.close({ kind: "session", session: message.session });
      return undefined;
    default:
      return refuse("invalid", `A conversation has no use for ${message.kind}.`);
  }
}
