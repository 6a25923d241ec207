/** What happens in rooms, as things people are told of. Pure: who there is to tell is handed in. */
import type { StampedAgentEvent } from "../../party/protocol/agent.ts";
import { type ActorRef, inlineText } from "../../party/protocol/common.ts";
import type { Approval, CompanyEvent } from "../../party/protocol/company.ts";
import { atLeast, RISK_ROLE, type Role } from "../../party/protocol/roles.ts";
import type { Stamped } from "../../party/protocol/run-events.ts";
import type { SessionEvent } from "../../party/protocol/session.ts";
import type { NoteKind } from "./rules.ts";

/** Somebody of the company. */
export type Person = { id: string; name: string; role: Role };

/** What one person is told of one thing. */
export type Note = {
  user: string;
  /** once per person */
  key: string;
  kind: NoteKind;
  subject: string;
  session?: string;
  /** on a lock screen others read it too: names of who and where, and nothing of the content */
  title: string;
  /** path of the app */
  path: string;
};

/** What happened: something new to tell, or that nothing is left to do about a subject. */
export type Told = { kind: "note"; note: Note } | { kind: "settled"; subject: string };

const settled = (subject: string): Told[] => [{ kind: "settled", subject }];
const noted = (notes: Note[]): Told[] => notes.map((note) => ({ kind: "note", note }));

/** @param approvals those the events are about, as they stand after them */
export function toldByCompany(
  company: string,
  event: Stamped<CompanyEvent>,
  people: readonly Person[],
  approvals: ReadonlyMap<string, Approval>,
): Told[] {
  const card = (id: string): string => `/c/${company}/needs?card=${encodeURIComponent(id)}`;
  const ask = (approval: Approval, key: string, kind: NoteKind, title: string): Told[] =>
    noted(
      people
        .filter(({ role }) => atLeast(role, RISK_ROLE[approval.risk]))
        .map((person) => ({ user: person.id, key, kind, subject: approval.id, title, path: card(approval.id) })),
    );
  const question = (id: string, key: string, kind: NoteKind, title: string): Told[] =>
    noted(
      people
        .filter(({ role }) => atLeast(role, "member"))
        .map((person) => ({ user: person.id, key, kind, subject: id, title, path: card(id) })),
    );
  switch (event.type) {
    case "approval.asked": {
      const { approval } = event;
      return ask(approval, `approval:${approval.id}`, "approval", `${approval.agentName} asks for your consent`);
    }
    case "approval.reminded": {
      const approval = approvals.get(event.approval);
      const title = `${approval?.agentName} still waits for your consent`;
      return approval ? ask(approval, `reminder:${approval.id}:${event.times}`, "reminder", title) : [];
    }
    case "approval.decided":
      return settled(event.approval);
    case "approval.state":
      return event.state === "pending" ? [] : settled(event.approval);
    case "question.asked":
      return question(
        event.question.id,
        `question:${event.question.id}`,
        "question",
        `${event.question.agentName} asks you something`,
      );
    case "question.reminded":
      return question(
        event.question,
        `reminder:${event.question}:${event.times}`,
        "reminder",
        "A question still waits for an answer",
      );
    case "question.answered":
    case "question.cancelled":
      return settled(event.question);
    default:
      return [];
  }
}

/** Mentions of people in a conversation, by the name their account has. @param people those who may see it */
export function toldByMessage(
  place: { company: string; session: string },
  event: Stamped<SessionEvent>,
  people: readonly Person[],
): Told[] {
  if (event.type === "message.deleted") return settled(event.message);
  if (event.type !== "message.posted") return [];
  const { id, by, text } = event.message;
  const said = inlineText(text).toLowerCase();
  if (by.kind === "system" || !said.includes("@")) return [];
  const path = `/c/${place.company}/chats/${place.session}?message=${id}`;
  const meant = people.filter((person) => person.id !== by.id && mentions(said, person.name.toLowerCase()));
  return noted(
    meant.map((person) => ({
      user: person.id,
      key: `mention:${id}`,
      kind: "mention",
      subject: id,
      session: place.session,
      title: `${by.name} mentioned you`,
      path,
    })),
  );
}

/** True where the name stands behind an @ and is not the beginning of a longer word. */
function mentions(said: string, name: string): boolean {
  const at = `@${name}`;
  for (let from = said.indexOf(at); from !== -1; from = said.indexOf(at, from + 1)) {
    const next = said.slice(from + at.length, from + at.length + 1);
    if (!/[\p{L}\p{N}_]/u.test(next)) return true;
  }
  return false;
}

/** A run that failed, told to the person who asked for it. */
export function toldByRun(
  place: { company: string; agent: string; agentName: string },
  event: StampedAgentEvent,
  by: ActorRef | undefined,
): Told[] {
  if (event.type !== "run.ended" || event.outcome !== "failed" || by?.kind !== "person") return [];
  const path = `/c/${place.company}/agents/${place.agent}/runs/${event.run}`;
  const title = `${place.agentName} could not finish what you asked for`;
  return noted([{ user: by.id, key: `failure:${event.run}`, kind: "failure", subject: event.run, title, path }]);
}
