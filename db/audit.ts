/**
 * The audit's hash chain. Each row carries the hash of the one before it, so a row that is changed, removed or put in
 * between shows. `verifyChain` needs nothing but the rows: it also runs offline.
 */
import { createHash } from "node:crypto";
import type { Client } from "@libsql/client/sqlite3";
import type { ActorRef } from "../party/protocol/common.ts";
import { canonicalJson } from "../party/protocol/digest.ts";

/** The chain of what belongs to no company: accounts, sign-ins, companies made and deleted. */
export const INSTANCE_CHAIN = "instance";

/** hash before the first row */
const ROOT = "0".repeat(64);
/** rows read at a time; a page must not hold the event loop */
const VERIFY_PAGE = 1_000;

export type ActivityEntry = {
  /** company id or `INSTANCE_CHAIN` */
  chain: string;
  actor: ActorRef;
  /** `<thing>.<what happened>` */
  action: string;
  subject: { kind: string; id: string };
  /** what changed; never a secret */
  data?: Record<string, unknown>;
};

/** The end of a chain: number and hash of its last row. */
export type Head = { n: number; hash: string };
const EMPTY_HEAD: Head = { n: 0, hash: ROOT };

type Link = {
  chain: string;
  n: number;
  at: string;
  actorId: string;
  actorName: string;
  actorKind: string;
  action: string;
  subjectKind: string;
  subjectId: string;
  data: string;
};

function hashOf(prev: string, link: Link): string {
  return createHash("sha256")
    .update(canonicalJson({ prev, ...link }))
    .digest("hex");
}

/** The row that follows `head`, as a statement, and the head after it. */
export function chainRow(head: Head, entry: ActivityEntry, at: string): { head: Head; sql: string; args: (string | number)[] } {
  const link: Link = {
    chain: entry.chain,
    n: head.n + 1,
    at,
    actorId: entry.actor.id,
    actorName: entry.actor.name,
    actorKind: entry.actor.kind,
    action: entry.action,
    subjectKind: entry.subject.kind,
    subjectId: entry.subject.id,
    data: canonicalJson(entry.data ?? {}),
  };
  const hash = hashOf(head.hash, link);
  return {
    head: { n: link.n, hash },
    sql: `INSERT INTO activity (chain, n, at, actor_id, actor_name, actor_kind, action, subject_kind, subject_id, data, prev_hash, hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [...Object.values(link), head.hash, hash],
  };
}

/** The stored end of a chain. */
export async function readHead(client: Client, chain: string): Promise<Head> {
  const { rows } = await client.execute({
    sql: "SELECT n, hash FROM activity WHERE chain = ? ORDER BY n DESC LIMIT 1",
    args: [chain],
  });
  const row = rows[0];
  return row ? { n: Number(row.n), hash: String(row.hash) } : EMPTY_HEAD;
}

export type ChainCheck = { ok: true; entries: number } | { ok: false; at: number; why: string };

/** Recomputes a chain from its first row. `at` is the number of the first row that does not fit. */
export async function verifyChain(client: Client, chain: string): Promise<ChainCheck> {
  let head = EMPTY_HEAD;
  for (;;) {
    const { rows } = await client.execute({
      sql: `SELECT chain, n, at, actor_id, actor_name, actor_kind, action, subject_kind, subject_id, data, prev_hash, hash
        FROM activity WHERE chain = ? AND n > ? ORDER BY n LIMIT ?`,
      args: [chain, head.n, VERIFY_PAGE],
    });
    for (const row of rows) {
      const n = Number(row.n);
      if (n !== head.n + 1) return { ok: false, at: head.n + 1, why: "a row is missing" };
      if (row.prev_hash !== head.hash) return { ok: false, at: n, why: "it does not follow the row before it" };
      const link: Link = {
        chain: String(row.chain),
        n,
        at: String(row.at),
        actorId: String(row.actor_id),
        actorName: String(row.actor_name),
        actorKind: String(row.actor_kind),
        action: String(row.action),
        subjectKind: String(row.subject_kind),
        subjectId: String(row.subject_id),
        data: String(row.data),
      };
      const hash = hashOf(head.hash, link);
      if (row.hash !== hash) return { ok: false, at: n, why: "its content was changed" };
      head = { n, hash };
    }
    if (rows.length < VERIFY_PAGE) return { ok: true, entries: head.n };
  }
}
