/** The browsers a person let Atrium push to. */
import { createHash } from "node:crypto";
import type { Client } from "@libsql/client/sqlite3";
import { orRefuse, type Write } from "../../db/write-queue.ts";
import { newId } from "../../party/protocol/ids.ts";
import { type Vault, VaultError } from "../secrets/vault.ts";
import { type Subscription, subscription } from "./push.ts";

/** browsers of one person; the oldest gives way to a new one */
const MOST = 20;

/** Whose browser it is, what it calls itself, and the sign-in it is allowed under. */
export type DeviceOwner = { user: string; device: string; authSession: string | undefined };

export type Device = { id: string; device: string; createdAt: string; lastOkAt: string | null };

const place = (id: string): string => `push:${id}`;
const hashOf = (endpoint: string): string => createHash("sha256").update(endpoint).digest("hex");

export type Devices = ReturnType<typeof pushDevices>;

export function pushDevices(read: Client, write: Write, vault: Vault) {
  return {
    /** Adds a browser, or renews one that is known. One that belonged to somebody else belongs to who asks now. */
    async add({ user, device, authSession }: DeviceOwner, to: Subscription, now: string): Promise<string> {
      const id = newId("ps");
      const sealed = vault.seal(JSON.stringify(to), place(id));
      await write(() => [
        { sql: "DELETE FROM push_subscriptions WHERE endpoint_hash = ?", args: [hashOf(to.endpoint)] },
        {
          sql: `INSERT INTO push_subscriptions (id, user, endpoint_hash, sealed, device, auth_session, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)`,
          args: [id, user, hashOf(to.endpoint), sealed, device, authSession ?? null, now],
        },
        {
          sql: `DELETE FROM push_subscriptions WHERE user = ?1 AND id NOT IN
            (SELECT id FROM push_subscriptions WHERE user = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2)`,
          args: [user, MOST],
        },
      ]);
      return id;
    },

    async list(user: string): Promise<Device[]> {
      const { rows } = await read.execute({
        sql: "SELECT id, device, created_at, last_ok_at FROM push_subscriptions WHERE user = ? ORDER BY created_at DESC, id DESC",
        args: [user],
      });
      return rows.map((row) => ({
        id: String(row.id),
        device: String(row.device),
        createdAt: String(row.created_at),
        lastOkAt: row.last_ok_at === null ? null : String(row.last_ok_at),
      }));
    },

    /** @throws {WriteRefused} `gone` when the person has no such browser */
    async remove(user: string, id: string): Promise<void> {
      await write(() => [
        { sql: "DELETE FROM push_subscriptions WHERE id = ? AND user = ?", args: [id, user] },
        orRefuse("gone"),
      ]);
    },

    /** Where to send for a person. What cannot be opened any more (the vault's key was replaced) is left out. */
    async of(user: string): Promise<{ id: string; to: Subscription }[]> {
      const { rows } = await read.execute({ sql: "SELECT id, sealed FROM push_subscriptions WHERE user = ?", args: [user] });
      return rows.flatMap((row) => {
        const id = String(row.id);
        try {
          return [{ id, to: subscription.parse(JSON.parse(vault.open(String(row.sealed), place(id)))) }];
        } catch (error) {
          if (error instanceof VaultError) return [];
          throw error;
        }
      });
    },

    async reached(id: string, now: string): Promise<void> {
      await write(() => [{ sql: "UPDATE push_subscriptions SET last_ok_at = ? WHERE id = ?", args: [now, id] }]);
    },

    async forget(id: string): Promise<void> {
      await write(() => [{ sql: "DELETE FROM push_subscriptions WHERE id = ?", args: [id] }]);
    },
  };
}
