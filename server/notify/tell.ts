/** The statements by which an archived event is told to people. Reads nothing where there is nothing to tell. */
import type { Client } from "@libsql/client/sqlite3";
import type { Statement } from "../../db/write-queue.ts";
import type { RunView, StampedAgentEvent } from "../../party/protocol/agent.ts";
import type { Approval, CompanyEvent } from "../../party/protocol/company.ts";
import type { Stamped } from "../../party/protocol/run-events.ts";
import type { SessionEvent } from "../../party/protocol/session.ts";
import { type Told, toldByCompany, toldByMessage, toldByRun } from "./sources.ts";
import { type Listener, listenersOf, noteStatements } from "./store.ts";

/** Events of a company's room that are told, or that settle what was told. */
const TELLING: ReadonlySet<CompanyEvent["type"]> = new Set([
  "approval.asked",
  "approval.reminded",
  "approval.decided",
  "approval.state",
  "question.asked",
  "question.reminded",
  "question.answered",
  "question.cancelled",
]);

/**
 * @param session the private conversation whose annex it is: only its people are told
 * @param approvals those the events are about, as they stand after them
 * @param now ms since the epoch
 */
export async function tellOfCompany(
  read: Client,
  { company, session }: { company: string; session: string | undefined },
  events: readonly Stamped<CompanyEvent>[],
  approvals: ReadonlyMap<string, Approval>,
  now: number,
): Promise<Statement[]> {
  const telling = events.filter(({ type }) => TELLING.has(type));
  if (telling.length === 0) return [];
  const listeners = await listenersOf(read, company, session);
  return statements(
    read,
    company,
    telling.flatMap((event) => toldByCompany(company, event, listeners, approvals)),
    listeners,
    now,
  );
}

export async function tellOfMessages(
  read: Client,
  place: { company: string; session: string },
  events: readonly Stamped<SessionEvent>[],
  now: number,
): Promise<Statement[]> {
  // A first look without the people: most messages name nobody.
  const telling = events.filter(
    (event) =>
      event.type === "message.deleted" || (event.type === "message.posted" && JSON.stringify(event.message.text).includes("@")),
  );
  if (telling.length === 0) return [];
  const listeners = await listenersOf(read, place.company, place.session);
  return statements(
    read,
    place.company,
    telling.flatMap((event) => toldByMessage(place, event, listeners)),
    listeners,
    now,
  );
}

/** @param runs those the events are about, as they stand after them */
export async function tellOfRuns(
  read: Client,
  place: { company: string; agent: string; agentName: string },
  events: readonly StampedAgentEvent[],
  runs: readonly RunView[],
  now: number,
): Promise<Statement[]> {
  const told = events.flatMap((event) =>
    event.type === "run.ended" ? toldByRun(place, event, runs.find(({ id }) => id === event.run)?.by) : [],
  );
  if (told.length === 0) return [];
  return statements(read, place.company, told, await listenersOf(read, place.company), now);
}

async function statements(
  read: Client,
  company: string,
  told: readonly Told[],
  listeners: readonly Listener[],
  now: number,
): Promise<Statement[]> {
  if (told.length === 0) return [];
  const { rows } = await read.execute({ sql: "SELECT name FROM companies WHERE id = ?", args: [company] });
  return noteStatements({ company, companyName: String(rows[0]?.name ?? "") }, told, listeners, now);
}
