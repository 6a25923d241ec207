/**
 * Browser sessions. lucia makes the ids and keeps the rules of renewal; our adapter stores only a hash of each id, so a
 * stolen database opens no session.
 */

import type { Client, Row } from "@libsql/client/sqlite3";
import { type Adapter, type DatabaseSession, type DatabaseUser, Lucia, TimeSpan } from "lucia";
import type { Logger } from "pino";
import { StorageFull } from "../../db/errors.ts";
import { orRefuse, type Write } from "../../db/write-queue.ts";
import { hashToken } from "./tokens.ts";

export const SESSION_COOKIE = "atrium_session";
/** a session ends after this long without use */
const IDLE = new TimeSpan(7, "d");
/** ms; and in any case after this long */
const ABSOLUTE_MS = new TimeSpan(30, "d").milliseconds();
/** ms; when a session was last used is written at most this often, because it turns a read into a write */
const SEEN_GRAIN_MS = 10 * 60_000;
/** characters of the browser's own name that are kept */
const DEVICE_CHARS = 200;

export type SessionUser = { id: string; email: string; name: string; timezone: string; instanceOwner: boolean };

declare module "lucia" {
  interface Register {
    Lucia: Lucia<{ createdAt: string; lastSeenAt: string }, Omit<SessionUser, "id">>;
    DatabaseUserAttributes: Omit<SessionUser, "id">;
    DatabaseSessionAttributes: { device: string; createdAt: string; network: string | undefined; lastSeenAt: string };
  }
}

export type CheckedSession = {
  user: SessionUser;
  idHash: string;
  renewed: Date | undefined;
  /** ISO 8601 */
  createdAt: string;
  lastSeenAt: string;
};

export type Sessions = {
  /**
   * Starts a session. `token` is the cookie's value; it is not stored.
   * @param from the device by its own name, and the network it is in
   */
  start(user: string, from: { device: string; network: string | undefined }): Promise<{ token: string; expiresAt: Date }>;
  /**
   * The person behind a cookie; nobody while their account is disabled. `renewed` is the new expiry when the cookie should be
   * set again.
   */
  check(token: string): Promise<CheckedSession | undefined>;
  /** Notes that a session is in use, behind the request and seldom. */
  seen(session: CheckedSession, network: string | undefined): void;
  /** Removes sessions nobody can use any more. */
  sweep(): Promise<void>;
};

export function createSessions(read: Client, write: Write, log: Logger): Sessions {
  const lucia = new Lucia(createAdapter(read, write, log), {
    sessionExpiresIn: IDLE,
    getSessionAttributes: ({ createdAt, lastSeenAt }) => ({ createdAt, lastSeenAt }),
    getUserAttributes: (user) => user,
  });
  return {
    async start(user, { device, network }) {
      const now = new Date().toISOString();
      const attributes = { device: device.slice(0, DEVICE_CHARS), createdAt: now, lastSeenAt: now, network };
      const session = await lucia.createSession(user, attributes);
      return { token: session.id, expiresAt: session.expiresAt };
    },
    async check(token) {
      const { session, user } = await lucia.validateSession(token);
      if (!session || !user) return undefined;
      const { createdAt, lastSeenAt } = session;
      return { user, idHash: hashToken(token), renewed: session.fresh ? session.expiresAt : undefined, createdAt, lastSeenAt };
    },
    seen({ idHash, lastSeenAt }, network) {
      const now = Date.now();
      if (now - Date.parse(lastSeenAt) < SEEN_GRAIN_MS) return;
      const args = [new Date(now).toISOString(), network ?? null, idHash];
      write(() => [{ sql: "UPDATE auth_sessions SET last_seen_at = ?, network = ? WHERE id_hash = ?", args }]).catch(
        (error: unknown) => log.warn({ err: error }, "the last use of a session could not be noted"),
      );
    },
    sweep: () => lucia.deleteExpiredSessions(),
  };
}

function createAdapter(read: Client, write: Write, log: Logger): Adapter {
  const remove = async (sql: string, args: string[]) => void (await write(() => [{ sql, args }]));
  return {
    async getSessionAndUser(id): Promise<[DatabaseSession | null, DatabaseUser | null]> {
      const { rows } = await read.execute({
        sql: `SELECT s.user, s.device, s.created_at, s.expires_at, s.last_seen_at, s.network,
            u.email, u.name, u.timezone, u.instance_owner
          FROM auth_sessions s JOIN users u ON u.id = s.user WHERE s.id_hash = ? AND u.disabled_at IS NULL`,
        args: [hashToken(id)],
      });
      const row = rows[0];
      return row ? [sessionOf(id, row), userOf(row)] : [null, null];
    },
    async getUserSessions(user) {
      const { rows } = await read.execute({
        sql: "SELECT id_hash, user, device, created_at, expires_at, last_seen_at, network FROM auth_sessions WHERE user = ?",
        args: [user],
      });
      // Only hashes are known here; whoever lists sessions shows them by hash.
      return rows.map((row) => sessionOf(String(row.id_hash), row));
    },
    async setSession({ id, userId, expiresAt, attributes: { device, createdAt, lastSeenAt, network } }) {
      await write(() => [
        {
          sql: `INSERT INTO auth_sessions (id_hash, user, device, created_at, expires_at, last_seen_at, network)
            SELECT ?, id, ?, ?, ?, ?, ? FROM users WHERE id = ? AND disabled_at IS NULL`,
          args: [hashToken(id), device, createdAt, expiresAt.toISOString(), lastSeenAt, network ?? null, userId],
        },
        // Disabled in the very moment of signing in.
        orRefuse("disabled"),
      ]);
    },
    async updateSessionExpiration(id, expiresAt) {
      try {
        await remove("UPDATE auth_sessions SET expires_at = ? WHERE id_hash = ?", [expiresAt.toISOString(), hashToken(id)]);
      } catch (error) {
        // Renewal happens while reading, and reading goes on with a full disk; the next request renews.
        if (!(error instanceof StorageFull)) throw error;
        log.warn("a session could not be renewed: the disk is full");
      }
    },
    async deleteSession(id) {
      try {
        await remove("DELETE FROM auth_sessions WHERE id_hash = ?", [hashToken(id)]);
      } catch (error) {
        // lucia removes an expired session while it checks it. It is refused all the same; the sweep removes it later.
        if (!(error instanceof StorageFull)) throw error;
        log.warn("an expired session could not be removed: the disk is full");
      }
    },
    deleteUserSessions: (user) => remove("DELETE FROM auth_sessions WHERE user = ?", [user]),
    deleteExpiredSessions: () =>
      remove("DELETE FROM auth_sessions WHERE expires_at <= ? OR created_at <= ?", [
        new Date().toISOString(),
        new Date(Date.now() - ABSOLUTE_MS).toISOString(),
      ]),
  };
}

function sessionOf(id: string, row: Row): DatabaseSession {
  const createdAt = String(row.created_at);
  const absolute = Date.parse(createdAt) + ABSOLUTE_MS;
  const idle = Date.parse(String(row.expires_at));
  return {
    id,
    userId: String(row.user),
    // lucia knows idle expiry only; past the absolute end the session is expired whatever its renewals were.
    expiresAt: new Date(absolute <= Date.now() ? Math.min(absolute, idle) : idle),
    attributes: {
      device: String(row.device),
      createdAt,
      lastSeenAt: String(row.last_seen_at ?? createdAt),
      network: row.network === null ? undefined : String(row.network),
    },
  };
}

function userOf(row: Row): DatabaseUser {
  return {
    id: String(row.user),
    attributes: {
      email: String(row.email),
      name: String(row.name),
      timezone: String(row.timezone),
      instanceOwner: row.instance_owner === 1,
    },
  };
}
