/** The table of mails that wait: a mail is written together with what it tells of, and survives a restart. */
import type { Client } from "@libsql/client/sqlite3";
import { z } from "zod";
import type { Statement, Write } from "../../db/write-queue.ts";
import { newId } from "../../party/protocol/ids.ts";
import type { Vault } from "../secrets/vault.ts";
import type { Letter } from "./letter.ts";

/** ms a mail that was given up stays to be seen */
const KEEP_DEAD_MS = 14 * 24 * 3_600_000;

const content = z.object({ subject: z.string(), text: z.string() });

/** A mail that is due. `letter` is undefined when it cannot be opened any more (the vault's key was replaced). */
export type Waiting = { id: string; attempts: number; kind: string; until: number | undefined; letter: Letter | undefined };

export type MailCounts = {
  waiting: number;
  /** given up in the last two weeks */
  dead: number;
  lastError: string | undefined;
};

export type MailOutbox = {
  /** Statements that put a mail into the outbox, for the unit it belongs to. */
  put(letter: Letter, now: number): Statement[];
  /** The mail that is due longest. */
  due(now: number): Promise<Waiting | undefined>;
  /** ms since the epoch at which the next one is due. */
  nextAt(): Promise<number | undefined>;
  sent(id: string): Promise<void>;
  again(id: string, at: number, why: string): Promise<void>;
  dead(id: string, why: string): Promise<void>;
  counts(): Promise<MailCounts>;
};

export function mailOutbox(read: Client, write: Write, vault: Vault): MailOutbox {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    put({ to, subject, text, kind, until }, now) {
      const id = newId("ml", now);
      return [
        {
          sql: "INSERT INTO mail_outbox (id, kind, recipient, sealed, next_at, until, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
          args: [id, kind, to, vault.seal(JSON.stringify({ subject, text }), place(id)), iso(now), until ?? null, iso(now)],
        },
      ];
    },
    async due(now) {
      const { rows } = await read.execute({
        sql: `SELECT id, kind, recipient, sealed, attempts, until FROM mail_outbox
          WHERE dead_at IS NULL AND next_at <= ? ORDER BY next_at, id LIMIT 1`,
        args: [iso(now)],
      });
      const row = rows[0];
      if (!row) return undefined;
      const [id, kind] = [String(row.id), String(row.kind)];
      const until = row.until === null ? undefined : String(row.until);
      const opened = open(vault, id, row.sealed);
      const letter = opened && { ...opened, to: String(row.recipient), kind };
      return { id, kind, attempts: Number(row.attempts), until: until === undefined ? undefined : Date.parse(until), letter };
    },
    async nextAt() {
      const { rows } = await read.execute("SELECT min(next_at) AS at FROM mail_outbox WHERE dead_at IS NULL");
      const at = rows[0]?.at;
      return typeof at === "string" ? Date.parse(at) : undefined;
    },
    async sent(id) {
      await write(() => [{ sql: "DELETE FROM mail_outbox WHERE id = ?", args: [id] }]);
    },
    async again(id, at, why) {
      await write(() => [
        {
          sql: "UPDATE mail_outbox SET attempts = attempts + 1, next_at = ?, last_error = ? WHERE id = ?",
          args: [iso(at), why, id],
        },
      ]);
    },
    async dead(id, why) {
      await write(({ now }) => [
        // What it said goes: a link that nobody got opens nothing, and should not lie around either.
        {
          sql: "UPDATE mail_outbox SET attempts = attempts + 1, dead_at = ?, last_error = ?, sealed = NULL WHERE id = ?",
          args: [now, why, id],
        },
        { sql: "DELETE FROM mail_outbox WHERE dead_at <= ?", args: [iso(Date.parse(now) - KEEP_DEAD_MS)] },
      ]);
    },
    async counts() {
      const { rows } = await read.execute(
        `SELECT count(*) FILTER (WHERE dead_at IS NULL) AS waiting, count(dead_at) AS dead,
          (SELECT last_error FROM mail_outbox WHERE last_error IS NOT NULL ORDER BY coalesce(dead_at, next_at) DESC LIMIT 1) AS why
          FROM mail_outbox`,
      );
      const row = rows[0];
      const why = row?.why;
      return { waiting: Number(row?.waiting), dead: Number(row?.dead), lastError: typeof why === "string" ? why : undefined };
    },
  };
}

function place(id: string): string {
  return `mail:${id}`;
}

function open(vault: Vault, id: string, sealed: unknown): z.infer<typeof content> | undefined {
  if (typeof sealed !== "string") return undefined;
  try {
    return content.parse(JSON.parse(vault.open(sealed, place(id))));
  } catch {
    return undefined;
  }
}
