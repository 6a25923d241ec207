/** Links that change an account once: only the hash of their token is stored, and the newest of a kind replaces the others. */
import type { Client } from "@libsql/client/sqlite3";
import { orRefuse, type Statement } from "../../db/write-queue.ts";
import { FOUND_COLUMNS, type Found, foundOf } from "./sign-in.ts";
import { hashToken, newToken } from "./tokens.ts";

export type LinkKind = "reset" | "email";

/** minutes a link works; long enough for a mail that is slow, short enough for a mailbox that others read later */
export const LINK_MINUTES = 30;
/** minutes for one that is handed over by a person */
export const HANDED_LINK_MINUTES = 60;

/** The code of a refused `spendLink`. */
export const LINK_USED = "link_used";

export type NewLink = { token: string; until: string; statements: Statement[] };

/** A new link for a person. @param mailedTo the address it is mailed to; undefined when a person hands it over */
export function newLink(kind: LinkKind, user: string, mailedTo: string | undefined, now: number): NewLink {
  const token = newToken();
  const minutes = mailedTo === undefined ? HANDED_LINK_MINUTES : LINK_MINUTES;
  const until = new Date(now + minutes * 60_000).toISOString();
  const at = new Date(now).toISOString();
  return {
    token,
    until,
    statements: [
      { sql: "DELETE FROM account_links WHERE (user = ? AND kind = ?) OR expires_at <= ?", args: [user, kind, at] },
      {
        sql: "INSERT INTO account_links (token_hash, kind, user, mailed_to, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        args: [hashToken(token), kind, user, mailedTo ?? null, at, until],
      },
    ],
  };
}

export type FoundLink = Found & { mailedTo: string | undefined };

/** Whose account a link changes; undefined when it was used, replaced, or is too old. Looking does not use it up. */
export async function findLink(read: Client, kind: LinkKind, token: string, now: number): Promise<FoundLink | undefined> {
  const { rows } = await read.execute({
    sql: `SELECT ${FOUND_COLUMNS}, l.mailed_to FROM account_links l JOIN users u ON u.id = l.user
      WHERE l.token_hash = ? AND l.kind = ? AND l.expires_at > ?`,
    args: [hashToken(token), kind, new Date(now).toISOString()],
  });
  const row = rows[0];
  return row && { ...foundOf(row), mailedTo: row.mailed_to === null ? undefined : String(row.mailed_to) };
}

/** Uses a link up, in the unit that does what it is for. Refuses with `LINK_USED`. */
export function spendLink(kind: LinkKind, token: string, now: string): Statement[] {
  return [
    {
      sql: "DELETE FROM account_links WHERE token_hash = ? AND kind = ? AND expires_at > ?",
      args: [hashToken(token), kind, now],
    },
    orRefuse(LINK_USED),
  ];
}
