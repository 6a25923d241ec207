/** Lets machines in that carry out runs elsewhere: a token good once, a key for the machine, and its end. */
import type { Client } from "@libsql/client/sqlite3";
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import { mustHold, type Write } from "../../db/write-queue.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import { newId } from "../../party/protocol/ids.ts";
import { hashToken, newToken } from "../auth/tokens.ts";

/** ms a token is good for: long enough to walk over to the other machine */
export const ENROLMENT_MS = 3_600_000;
/** ms between two notes that a machine was seen */
const SEEN_EVERY_MS = 60_000;
/** Marks a key as one of a runner, for people who find one and for scanners of secrets. */
const KEY_PREFIX = "atrium_runner_";

export type RemoteRunner = { id: string; name: string; createdAt: string; lastSeenAt: string | null };

/** Makes a token. Those that ran out are swept on the way. */
export async function makeEnrolment(write: Write, by: ActorRef, now: number): Promise<{ token: string; expiresAt: string }> {
  const token = newToken();
  const expiresAt = new Date(now + ENROLMENT_MS).toISOString();
  await write(
    (context) => [
      { sql: "DELETE FROM runner_enrolments WHERE expires_at <= ?", args: [context.now] },
      {
        sql: "INSERT INTO runner_enrolments (token_hash, created_by, created_at, expires_at) VALUES (?, ?, ?, ?)",
        args: [hashToken(token), by.id, context.now, expiresAt],
      },
      context.activity({
        chain: INSTANCE_CHAIN,
        actor: by,
        action: "runner.invited",
        subject: { kind: "instance", id: INSTANCE_CHAIN },
        data: { expiresAt },
      }),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
  return { token, expiresAt };
}

/**
 * Turns a token into the key of a machine; the token is spent.
 * @param name of the machine, as it names itself
 * @returns undefined when the token is unknown, spent or too old
 */
export async function enrol(
  write: Write,
  token: string,
  name: string,
  now: number,
): Promise<{ id: string; key: string } | undefined> {
  const id = newId("rr", now);
  const key = `${KEY_PREFIX}${newToken()}`;
  const at = new Date(now).toISOString();
  try {
    await write(
      (context) => [
        mustHold("unknown", "SELECT EXISTS (SELECT 1 FROM runner_enrolments WHERE token_hash = ? AND expires_at > ?)", [
          hashToken(token),
          at,
        ]),
        {
          sql: `INSERT INTO remote_runners (id, name, key_hash, created_by, created_at)
            SELECT ?, ?, ?, created_by, ? FROM runner_enrolments WHERE token_hash = ?`,
          args: [id, name, hashToken(key), at, hashToken(token)],
        },
        { sql: "DELETE FROM runner_enrolments WHERE token_hash = ?", args: [hashToken(token)] },
        context.activity({
          chain: INSTANCE_CHAIN,
          actor: { id, name, kind: "system" },
          action: "runner.enrolled",
          subject: { kind: "runner", id },
          data: { name },
        }),
      ],
      { chains: [INSTANCE_CHAIN] },
    );
  } catch (error) {
    if (error instanceof WriteRefused) return undefined;
    throw error;
  }
  return { id, key };
}

/** Machines that may come, the newest first. */
export async function listRunners(read: Client): Promise<RemoteRunner[]> {
  const { rows } = await read.execute(
    "SELECT id, name, created_at, last_seen_at FROM remote_runners WHERE revoked_at IS NULL ORDER BY id DESC",
  );
  return rows.map((row) => ({
    id: String(row.id),
    name: String(row.name),
    createdAt: String(row.created_at),
    lastSeenAt: row.last_seen_at === null ? null : String(row.last_seen_at),
  }));
}

/** Takes a machine's key away. @returns false when there is no such machine */
export async function revokeRunner(write: Write, id: string, by: ActorRef): Promise<boolean> {
  try {
    await write(
      (context) => [
        mustHold("unknown", "SELECT EXISTS (SELECT 1 FROM remote_runners WHERE id = ? AND revoked_at IS NULL)", [id]),
        { sql: "UPDATE remote_runners SET revoked_at = ? WHERE id = ?", args: [context.now, id] },
        context.activity({
          chain: INSTANCE_CHAIN,
          actor: by,
          action: "runner.revoked",
          subject: { kind: "runner", id },
          data: {},
        }),
      ],
      { chains: [INSTANCE_CHAIN] },
    );
    return true;
  } catch (error) {
    if (error instanceof WriteRefused) return false;
    throw error;
  }
}

/**
 * The machine a key belongs to, noted as seen.
 * @param now ms since the epoch
 */
export async function runnerOfKey(read: Client, write: Write, key: string | undefined, now: number): Promise<string | undefined> {
  if (!key?.startsWith(KEY_PREFIX)) return undefined;
  const { rows } = await read.execute({
    sql: "SELECT id, last_seen_at FROM remote_runners WHERE key_hash = ? AND revoked_at IS NULL",
    args: [hashToken(key)],
  });
  const row = rows[0];
  if (!row) return undefined;
  const id = String(row.id);
  const seen = row.last_seen_at === null ? 0 : Date.parse(String(row.last_seen_at));
  if (now - seen >= SEEN_EVERY_MS) {
    await write((context) => [{ sql: "UPDATE remote_runners SET last_seen_at = ? WHERE id = ?", args: [context.now, id] }]);
  }
  return id;
}
