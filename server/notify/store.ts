/** Notifications in the database: written together with what they tell of, so that none is lost with a process. */
import type { Client, Row } from "@libsql/client/sqlite3";
import type { Statement } from "../../db/write-queue.ts";
import { newId } from "../../party/protocol/ids.ts";
import { ROLES } from "../../party/protocol/roles.ts";
import { type NotifyRules, notifyRules, planOf, USUAL_RULES } from "./rules.ts";
import type { Person, Told } from "./sources.ts";

/** Somebody to tell, with what they want to hear. */
export type Listener = Person & { timezone: string; rules: NotifyRules };

/**
 * The people of a company.
 * @param session narrows them to those who may see a conversation
 */
export async function listenersOf(read: Client, company: string, session?: string): Promise<Listener[]> {
  const { rows } = await read.execute({
    sql: `SELECT u.id, u.name, u.timezone, m.role, r.json FROM members m JOIN users u ON u.id = m.user
        LEFT JOIN notify_rules r ON r.user = u.id
      WHERE m.company = ?1 AND m.removed_at IS NULL AND u.disabled_at IS NULL
        AND (?2 IS NULL OR NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = ?2 AND s.private = 1)
          OR EXISTS (SELECT 1 FROM session_people p WHERE p.session = ?2 AND p.user = u.id))`,
    args: [company, session ?? null],
  });
  return rows.flatMap((row) => {
    const role = ROLES.find((known) => known === row.role);
    if (!role) return [];
    return [{ id: String(row.id), name: String(row.name), timezone: String(row.timezone), role, rules: rulesOf(row.json) }];
  });
}

/** Stored rules; the usual ones where there are none, or none that this version understands. */
export function rulesOf(json: unknown): NotifyRules {
  if (typeof json !== "string") return USUAL_RULES;
  const parsed = notifyRules.safeParse(JSON.parse(json));
  return parsed.success ? parsed.data : USUAL_RULES;
}

/** The statements that tell people what happened. @param now ms since the epoch */
export function noteStatements(
  { company, companyName }: { company: string; companyName: string },
  told: readonly Told[],
  listeners: readonly Listener[],
  now: number,
): Statement[] {
  const byId = new Map(listeners.map((listener) => [listener.id, listener]));
  const iso = (ms: number): string => new Date(ms).toISOString();
  return told.flatMap((one): Statement[] => {
    if (one.kind === "settled") {
      return [
        {
          sql: `UPDATE notifications SET settled_at = ?, push_at = NULL, mail_at = NULL WHERE subject = ? AND settled_at IS NULL`,
          args: [iso(now), one.subject],
        },
      ];
    }
    const { user, key, kind, subject, session, title, path } = one.note;
    const listener = byId.get(user);
    if (!listener) return [];
    const { pushAt, mailAt } = planOf(listener.rules, kind, company, listener.timezone, now);
    return [
      {
        sql: `INSERT INTO notifications (id, user, company, key, kind, subject, session, title, body, path, at, push_at, mail_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user, key) DO NOTHING`,
        args: [
          newId("nt", now),
          user,
          company,
          key,
          kind,
          subject,
          session ?? null,
          title,
          companyName,
          path,
          iso(now),
          pushAt === undefined ? null : iso(pushAt),
          mailAt === undefined ? null : iso(mailAt),
        ],
      },
    ];
  });
}

/** A notification that is due on one of its ways. */
export type Due = {
  id: string;
  user: string;
  email: string;
  company: string;
  subject: string;
  title: string;
  body: string;
  path: string;
  attempts: number;
};

/**
 * What is due on a way, the longest first. A mention that was read meanwhile is not.
 * @param now ISO 8601
 */
export async function due(read: Client, way: "push_at" | "mail_at", now: string, limit: number): Promise<Due[]> {
  const { rows } = await read.execute({
    sql: `SELECT n.id, n.user, u.email, n.company, n.subject, n.title, n.body, n.path, n.attempts
      FROM notifications n JOIN users u ON u.id = n.user
        JOIN members m ON m.company = n.company AND m.user = n.user AND m.removed_at IS NULL
      WHERE n.${way} <= ? AND n.read_at IS NULL AND n.settled_at IS NULL AND u.disabled_at IS NULL
      ORDER BY n.${way} LIMIT ?`,
    args: [now, limit],
  });
  return rows.map(dueOf);
}

/** When the next one is due on either way; ISO 8601. */
export async function nextDue(read: Client): Promise<string | undefined> {
  const { rows } = await read.execute(
    "SELECT min(at) AS at FROM (SELECT min(push_at) AS at FROM notifications UNION ALL SELECT min(mail_at) FROM notifications)",
  );
  return typeof rows[0]?.at === "string" ? rows[0].at : undefined;
}

/** Takes what nobody has to hear any more off both ways: it was read, settled, or its person is gone. */
export function dropIdle(now: string): Statement {
  return {
    sql: `UPDATE notifications SET push_at = NULL, mail_at = NULL
      WHERE (push_at <= ?1 OR mail_at <= ?1) AND (read_at IS NOT NULL OR settled_at IS NOT NULL
        OR NOT EXISTS (SELECT 1 FROM members m JOIN users u ON u.id = m.user
          WHERE m.company = notifications.company AND m.user = notifications.user
            AND m.removed_at IS NULL AND u.disabled_at IS NULL)
        OR (kind = 'mention' AND EXISTS (SELECT 1 FROM session_reads r JOIN messages g ON g.id = notifications.subject
          WHERE r.session = notifications.session AND r.user = notifications.user AND r.seq >= g.seq)))`,
    args: [now],
  };
}

function dueOf(row: Row): Due {
  const text = (name: string): string => String(row[name]);
  return {
    id: text("id"),
    user: text("user"),
    email: text("email"),
    company: text("company"),
    subject: text("subject"),
    title: text("title"),
    body: text("body"),
    path: text("path"),
    attempts: Number(row.attempts),
  };
}
