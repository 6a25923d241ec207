/** The core of the company's room: roster, consent, questions, rights, activity. Pure. */

import type { CoreInput, Decision, RoomCore } from "../lib/core.ts";
import { type Refused, refuse } from "../lib/core.ts";
import { assertNever } from "../protocol/assert.ts";
import { companyCommand } from "../protocol/commands.ts";
import type { Actor } from "../protocol/common.ts";
import type { CompanyEvent, CompanyState } from "../protocol/company.ts";
import { EMPTY_COMPANY, evolveCompany } from "../protocol/company-state.ts";
import type { RecordChange, RoomMessage, RoomOp } from "../protocol/internal.ts";
import type { Party } from "../protocol/tickets.ts";
import { ask, claim, decide, expireDue, nextExpiry, roleOf } from "./approvals.ts";
import { cancelOf, execute, executed, lost, withdraw } from "./execution.ts";
import { decideHeld, nextHeld, withdrawHeld } from "./grace.ts";
import { endPatternsOfAgent, expirePatterns, nextPatternExpiry, revokePattern } from "./patterns.ts";
import { type CompanyPrivate, EMPTY_COMPANY_PRIVATE } from "./private.ts";
import { answer, askQuestion, cancelQuestions } from "./questions.ts";
import { nextReminder, remindDue } from "./reminders.ts";
import { join, leave, memberChanged, memberRemoved, revokeSession } from "./rights.ts";
import { Turn } from "./turn.ts";

export const companyCore: RoomCore<CompanyState, CompanyPrivate, CompanyEvent> = {
  party: "company",
  empty: EMPTY_COMPANY,
  emptyPriv: EMPTY_COMPANY_PRIVATE,
  evolve: evolveCompany,
  decide(state, priv, input, context): Decision<CompanyEvent, CompanyPrivate> {
    const turn = new Turn(state, priv, context);
    return take(turn, input) ?? turn.done();
  },
  due(state) {
    const approvals = Object.values(state.approvals);
    const dues = [
      nextExpiry(approvals),
      nextHeld(approvals),
      nextReminder(state),
      nextPatternExpiry(Object.values(state.patterns)),
    ];
    const due = dues.filter((at) => at !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  },
  companyOf: (state) => state.config?.id ?? "",
  rightsOf(state, priv, person) {
    const rights = priv.main.rights[person];
    return rights === undefined ? undefined : { role: state.members[person]?.role ?? null, rights };
  },
};

function take(turn: Turn, input: CoreInput): Refused | undefined {
  switch (input.kind) {
    case "command":
      return takeCommand(turn, input.actor, input.command);
    case "op":
      return takeOp(turn, input.op);
    case "message":
      return takeMessage(turn, input.message, input.from);
    case "tick":
    case "started":
      expireDue(turn);
      expirePatterns(turn);
      decideHeld(turn);
      remindDue(turn);
      return undefined;
    case "feeder":
    case "dispatched":
      return refuse("invalid", "Runs live in the agents' rooms.");
  }
}

function takeCommand(turn: Turn, actor: Actor, raw: unknown): Refused | undefined {
  const parsed = companyCommand.safeParse(raw);
  if (!parsed.success) return refuse("invalid", "A company's room does not know that command.");
  const command = parsed.data;
  // The server's operator is no member, and pulls the emergency brake all the same.
  const brake = actor.kind === "system" && command.type === "stop.everything";
  if (!brake && !roleOf(turn, actor)) return refuse("forbidden", "You are not a member of this company.");
  switch (command.type) {
    case "approval.decide":
      return decide(turn, actor, command);
    case "approval.withdraw":
      return withdrawHeld(turn, actor, command.approval);
    case "pattern.revoke":
      return revokePattern(turn, actor, command.pattern);
    case "approval.claim":
      return claim(turn, actor, command.approval, true);
    case "approval.release":
      return claim(turn, actor, command.approval, false);
    case "question.answer":
      return answer(turn, actor, command.question, command.value);
    case "stop.everything": {
      const by = { id: actor.id, name: actor.name, kind: actor.kind };
      turn.emit({ type: "everything.stopped", by });
      turn.activity(by, "stopped everything");
      for (const agent of Object.keys(turn.state.roster)) turn.tellAgent(agent, { kind: "stop", by });
      return undefined;
    }
    default:
      return assertNever(command);
  }
}

function takeOp(turn: Turn, op: Exclude<RoomOp, { op: "command" }>): Refused | undefined {
  switch (op.op) {
    case "record":
      return takeRecord(turn, op.change);
    case "approval.execute":
      return execute(turn, op);
    case "approval.executed":
      return executed(turn, op);
    case "wake":
    case "runner.gone":
      return refuse("invalid", "Runs live in the agents' rooms.");
  }
}

function takeRecord(turn: Turn, change: RecordChange): Refused | undefined {
  switch (change.kind) {
    case "company":
      turn.emit({ type: "company.configured", config: change.config });
      return undefined;
    case "member":
      memberChanged(turn, change.member, change.by);
      return undefined;
    case "member.removed":
      memberRemoved(turn, change);
      return undefined;
    case "agent": {
      const { config } = change;
      const known = turn.state.roster[config.id];
      if (config.retired) {
        if (known) removeAgent(turn, config.id);
        return undefined;
      }
      const { name, title, model } = config;
      const entry = known
        ? { ...known, name, title, model }
        : { agent: config.id, name, title, model, status: "idle" as const, doing: "", queued: 0 };
      turn.emit({ type: "agent.changed", entry });
      return undefined;
    }
    case "agent.removed":
      removeAgent(turn, change.agent);
      return undefined;
    case "session.revoked":
      revokeSession(turn, change.session);
      return undefined;
    case "activity":
      turn.activity(change.by, change.text, { agent: change.agent });
      return undefined;
    case "purge":
      turn.close({ kind: "all" });
      turn.purge = true;
      return undefined;
    case "session":
    case "lane":
      return undefined;
    default:
      return assertNever(change);
  }
}

function removeAgent(turn: Turn, agent: string): void {
  turn.emit({ type: "agent.removed", agent });
  endPatternsOfAgent(turn, agent);
}

function takeMessage(turn: Turn, message: RoomMessage, from: { party: Party; room: string }): Refused | undefined {
  switch (message.kind) {
    case "roster":
      // A retired agent's last words must not bring it back.
      if (message.entry.status === "retired") {
        if (turn.state.roster[message.entry.agent]) removeAgent(turn, message.entry.agent);
      } else turn.emit({ type: "agent.changed", entry: message.entry });
      return undefined;
    case "doing": {
      const { agent, doing, call } = message;
      turn.live({ type: "agent.doing", agent, doing, call });
      return undefined;
    }
    case "approval.ask":
      ask(turn, message);
      return undefined;
    case "approval.cancel":
      if (message.only) {
        withdraw(turn, message.run, message.only.approvals, message.why);
        cancelQuestions(turn, message.run, message.only.questions);
      } else {
        cancelOf(turn, message.run, message.why);
        cancelQuestions(turn, message.run);
      }
      return undefined;
    case "approval.lost":
      lost(turn, message.run, message.below);
      return undefined;
    case "question.ask":
      askQuestion(turn, message.question);
      return undefined;
    case "activity":
      turn.activity(message.by, message.text, { agent: message.agent, run: message.run });
      return undefined;
    case "touched": {
      const { session, seq, at } = message;
      turn.live({ type: "session.touched", session, seq, at });
      return undefined;
    }
    case "presence.join":
      join(turn, message.person, message.rights, from);
      return undefined;
    case "presence.leave":
      leave(turn, message.person, from);
      return undefined;
    default:
      return refuse("invalid", `A company's room has no use for ${message.kind}.`);
  }
}
