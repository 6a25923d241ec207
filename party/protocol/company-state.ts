/** The reducer of the company's room, shared by the room's core and the app. No I/O, no clock, no zod. */
import type { Approval, ApprovalState, CompanyEvent, CompanyState, Question } from "./company.ts";
import type { RememberedPattern } from "./consent/schema.ts";
import { LIMITS } from "./limits.ts";
import type { Stamped } from "./run-events.ts";

export const EMPTY_COMPANY: CompanyState = {
  members: {},
  roster: {},
  approvals: {},
  questions: {},
  patterns: {},
  activity: [],
};

/** Approval states that still need something: a vote, or the end of an effect. */
const OPEN: readonly ApprovalState[] = ["pending", "allowed", "edited", "executing"];

/** True while an approval can still change. */
export function isOpenApproval(approval: Approval): boolean {
  return OPEN.includes(approval.state);
}

/** Applies one durable event. Returns a new state; the old one is untouched. */
export function evolveCompany(state: CompanyState, event: Stamped<CompanyEvent>): CompanyState {
  switch (event.type) {
    case "company.configured":
      return { ...state, config: event.config };
    case "member.changed":
      return { ...state, members: { ...state.members, [event.member.id]: event.member } };
    case "member.removed": {
      const { [event.id]: _gone, ...members } = state.members;
      return { ...state, members };
    }
    case "agent.changed":
      return { ...state, roster: { ...state.roster, [event.entry.agent]: event.entry } };
    case "agent.removed": {
      const { [event.agent]: _gone, ...roster } = state.roster;
      return { ...state, roster };
    }
    case "approval.asked":
      return { ...state, approvals: pruneSettled({ ...state.approvals, [event.approval.id]: event.approval }, isOpenApproval) };
    case "approval.claimed":
      return withApproval(state, event.approval, (approval) => ({ ...approval, claim: { by: event.by, at: event.at } }));
    case "approval.released":
      return withApproval(state, event.approval, ({ claim: _claim, ...approval }) => approval);
    case "approval.voted":
      return withApproval(state, event.approval, (approval) => ({
        ...approval,
        votes: [...approval.votes.filter((vote) => vote.by.id !== event.vote.by.id), event.vote],
      }));
    case "approval.edited":
      return withApproval(state, event.approval, (approval) => ({
        ...approval,
        version: event.version,
        input: event.input,
        digest: event.digest,
        editedBy: event.by,
        votes: [],
      }));
    case "approval.decided":
      return withApproval(state, event.approval, ({ held: _held, ...approval }) => ({
        ...approval,
        state: settled(event.decision),
        votes: event.by,
        decidedAt: event.at,
      }));
    case "approval.state":
      return withApproval(state, event.approval, ({ held: _held, ...approval }) => ({
        ...approval,
        state: event.state,
        decidedAt: approval.decidedAt ?? event.at,
      }));
    case "approval.held":
      return withApproval(state, event.approval, (approval) => ({ ...approval, held: event.held }));
    case "approval.withdrawn":
      return withApproval(state, event.approval, ({ held: _held, ...approval }) => approval);
    case "approval.reminded":
      return withApproval(state, event.approval, (approval) => ({
        ...approval,
        reminded: { times: event.times, at: event.at },
      }));
    case "pattern.remembered":
      return { ...state, patterns: { ...state.patterns, [event.pattern.id]: event.pattern } };
    case "pattern.used":
      return used(state, event.pattern, event.approval, event.at);
    case "pattern.ended": {
      const { [event.pattern]: _ended, ...patterns } = state.patterns;
      return { ...state, patterns };
    }
    case "question.asked":
      return {
        ...state,
        questions: pruneSettled(
          { ...state.questions, [event.question.id]: event.question },
          (question) => question.state === "open",
        ),
      };
    case "question.answered":
      return withQuestion(state, event.question, (question) => ({
        ...question,
        state: "answered",
        answer: { by: event.by, value: event.value, at: event.at },
      }));
    case "question.reminded":
      return withQuestion(state, event.question, (question) => ({
        ...question,
        reminded: { times: event.times, at: event.at },
      }));
    case "question.cancelled":
      return withQuestion(state, event.question, (question) => ({ ...question, state: "cancelled" }));
    case "activity":
      return {
        ...state,
        activity: [...state.activity, { ...event.entry, seq: event.seq, at: event.at }].slice(-LIMITS.snapshotActivity),
      };
    case "everything.stopped":
      return state;
    default: {
      // An event of a newer room: an older app shows what it knows and keeps its place in the log.
      const unknown: never = event;
      void unknown;
      return state;
    }
  }
}

function settled(decision: Extract<CompanyEvent, { type: "approval.decided" }>["decision"]): ApprovalState {
  switch (decision) {
    case "allow":
      return "allowed";
    case "edit":
      return "edited";
    case "deny":
      return "denied";
    case "expired":
      return "expired";
    case "superseded":
      return "superseded";
  }
}

/** The pattern counts its use, and the approval says what settled it. */
function used(state: CompanyState, id: string, approval: string, at: string): CompanyState {
  const next = withApproval(state, approval, (known) => ({ ...known, pattern: id }));
  const pattern: RememberedPattern | undefined = state.patterns[id];
  if (!pattern) return next;
  return { ...next, patterns: { ...state.patterns, [id]: { ...pattern, uses: pattern.uses + 1, lastUsedAt: at } } };
}

function withApproval(state: CompanyState, id: string, change: (approval: Approval) => Approval): CompanyState {
  const approval = state.approvals[id];
  return approval ? { ...state, approvals: { ...state.approvals, [id]: change(approval) } } : state;
}

function withQuestion(state: CompanyState, id: string, change: (question: Question) => Question): CompanyState {
  const question = state.questions[id];
  return question ? { ...state, questions: { ...state.questions, [id]: change(question) } } : state;
}

/** Drops the oldest settled records over the limit; ids are ordered by time. */
function pruneSettled<T extends { id: string }>(records: Record<string, T>, open: (record: T) => boolean): Record<string, T> {
  const old = Object.values(records)
    .filter((record) => !open(record))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const record of old.slice(0, Math.max(0, old.length - LIMITS.snapshotSettled))) delete records[record.id];
  return records;
}
