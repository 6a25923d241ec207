/** Writes conversations, with all that follows from a change: what rooms are told, what the audit keeps. */
import type { Client } from "@libsql/client/sqlite3";
import type { Db } from "../../../../db/client.ts";
import { WriteRefused } from "../../../../db/errors.ts";
import { orRefuse, type Statement } from "../../../../db/write-queue.ts";
import type { ActorRef } from "../../../../party/protocol/common.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../../context.ts";
import { conflict, invalid, notFound } from "../../errors.ts";
import { stillAllowed } from "../../records.ts";
import { changeLanes, openLanes, readLaneFacts } from "./lanes.ts";
import { findSession, type Named, type SessionOut, tellSession } from "./records.ts";

/** Agents of a company by id, in the order asked for. @throws 400 when one is not there or retired */
export async function requireAgents(read: Client, company: string, ids: readonly string[], field: string): Promise<Named[]> {
  const { rows } = await read.execute({
    sql: `SELECT id, name FROM agents WHERE company = ? AND retired_at IS NULL AND id IN (SELECT value FROM json_each(?))`,
    args: [company, JSON.stringify(ids)],
  });
  return inOrder(ids, rows, () => invalid(field, "There is no such agent in this company."));
}

/** Members of a company by id, in the order asked for. @throws 400 when one is not a member */
export async function requirePeople(read: Client, company: string, ids: readonly string[]): Promise<Named[]> {
  const { rows } = await read.execute({
    sql: `SELECT u.id, u.name FROM members m JOIN users u ON u.id = m.user
      WHERE m.company = ? AND m.removed_at IS NULL AND u.id IN (SELECT value FROM json_each(?))`,
    args: [company, JSON.stringify(ids)],
  });
  return inOrder(ids, rows, () => invalid("people", "Somebody you named is not a member of this company."));
}

function inOrder(ids: readonly string[], rows: readonly { [column: string]: unknown }[], missing: () => Error): Named[] {
  const names = new Map(rows.map((row) => [String(row.id), String(row.name)]));
  return [...new Set(ids)].map((id) => {
    const name = names.get(id);
    if (name === undefined) throw missing();
    return { id, name };
  });
}

export async function insertSession(c: AppContext, session: SessionOut, titled: boolean): Promise<void> {
  const { company } = membershipOf(c);
  const { id, agent, title, createdAt } = session;
  const actor = actorRefOf(identityOf(c));
  const { db, write } = c.get("services");
  const { people } = session;
  const facts = people && (await readLaneFacts(db, company, { agents: session.agents, people }));
  await write(
    (context) => [
      stillAllowed(c),
      {
        sql: `INSERT INTO sessions (id, company, agent, title, titled, private, version, created_by, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
        args: [id, company, agent, title, titled ? 1 : 0, session.private ? 1 : 0, actor.id, createdAt, createdAt],
      },
      ...setAgents(session),
      ...setPeople(session),
      ...(facts ? openLanes(context, id, facts, actor) : []),
      tellSession(context, company, session),
      context.activity({
        chain: company,
        actor,
        action: "session.created",
        subject: { kind: "session", id },
        data: { agent, private: session.private || undefined },
      }),
    ],
    { chains: [company] },
  );
}

/** What a person changed; of a private conversation the audit keeps no more than which fields those were. */
export type SessionChanges = { title?: string; archived?: boolean; agents?: string[]; people?: string[] };

/**
 * @param before the conversation as the caller saw it, with the version they saw
 * @throws 409 when it changed since then
 */
export async function updateSession(
  c: AppContext,
  before: SessionOut,
  session: SessionOut,
  changes: SessionChanges,
): Promise<void> {
  const { company } = membershipOf(c);
  const { read, db, write } = c.get("services");
  const actor = actorRefOf(identityOf(c));
  const lanes =
    session.private && (changes.agents || changes.people) ? await lanesOf(db, company, before, session, actor) : undefined;
  const written = write(
    (context) => [
      stillAllowed(c),
      {
        sql: `UPDATE sessions SET agent = ?, title = ?, titled = titled OR ?, version = ?, updated_at = ?,
            archived_at = CASE WHEN ? THEN coalesce(archived_at, ?) END
          WHERE id = ? AND version = ?`,
        args: [
          session.agent,
          session.title,
          changes.title === undefined ? 0 : 1,
          session.version,
          context.now,
          session.archived ? 1 : 0,
          context.now,
          session.id,
          before.version,
        ],
      },
      orRefuse("version"),
      ...(changes.agents ? setAgents(session) : []),
      ...(changes.people ? setPeople(session) : []),
      ...(lanes ? changeLanes(context, session.id, lanes) : []),
      tellSession(context, company, session),
      context.activity({
        chain: company,
        actor,
        action: "session.changed",
        subject: { kind: "session", id: session.id },
        data: session.private ? { private: true, changed: Object.keys(changes) } : changes,
      }),
    ],
    { chains: [company] },
  );
  await written.catch(async (error: unknown) => {
    if (!(error instanceof WriteRefused) || error.code !== "version") throw error;
    const now = await findSession(read, { company, user: identityOf(c).user.id }, session.id);
    if (!now) throw notFound();
    throw conflict("version", "This conversation was changed meanwhile. Look again and retry.", { version: now.version });
  });
}

async function lanesOf(db: Db, company: string, before: SessionOut, after: SessionOut, by: ActorRef) {
  const part = ({ agents, people = [] }: SessionOut) => ({ agents, people });
  const everybody = { agents: [...before.agents, ...after.agents], people: [...(before.people ?? []), ...(after.people ?? [])] };
  return { before: part(before), after: part(after), facts: await readLaneFacts(db, company, everybody), by };
}

function setAgents({ id, agents }: SessionOut): Statement[] {
  return [
    { sql: "DELETE FROM session_agents WHERE session = ?", args: [id] },
    ...agents.map((agent, place) => ({
      sql: "INSERT INTO session_agents (session, agent, place) VALUES (?, ?, ?)",
      args: [id, agent.id, place],
    })),
  ];
}

function setPeople({ id, people }: SessionOut): Statement[] {
  return [
    { sql: "DELETE FROM session_people WHERE session = ?", args: [id] },
    ...(people ?? []).map((person) => ({
      sql: "INSERT INTO session_people (session, user) VALUES (?, ?)",
      args: [id, person.id],
    })),
  ];
}
