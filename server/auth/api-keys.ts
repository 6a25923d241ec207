/** API keys: `atk_<prefix>_<secret>`. The prefix finds the row and is shown to people; the whole key is stored as a hash. */
import { randomBytes } from "node:crypto";
import { newId } from "../../party/protocol/ids.ts";
import type { Services } from "../api/services.ts";
import type { SessionUser } from "./sessions.ts";
import { hashToken, matchesHash, newToken } from "./tokens.ts";

const KEY = /^atk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const PREFIX_BYTES = 6;
/** ms; `last used` is written at most this often, because it turns a read into a write */
const LAST_USED_GRAIN_MS = 3_600_000;

export type NewApiKey = { id: string; prefix: string; key: string; hash: string };

/** A new key. `key` is shown once and not stored. */
export function makeApiKey(now: number): NewApiKey {
  const prefix = randomBytes(PREFIX_BYTES).toString("hex");
  const key = `atk_${prefix}_${newToken()}`;
  return { id: newId("key", now), prefix, key, hash: hashToken(key) };
}

/** The person a key stands for, and the key's id. */
export async function checkApiKey(services: Services, key: string): Promise<{ user: SessionUser; id: string } | undefined> {
  const prefix = KEY.exec(key)?.[1];
  if (prefix === undefined) return undefined;
  const { rows } = await services.read.execute({
    sql: `SELECT k.id, k.hash, k.last_used_at, u.id AS user, u.email, u.name, u.timezone, u.instance_owner
      FROM api_keys k JOIN users u ON u.id = k.user WHERE k.prefix = ? AND u.disabled_at IS NULL`,
    args: [prefix],
  });
  const row = rows[0];
  if (!row || !matchesHash(key, String(row.hash))) return undefined;
  const id = String(row.id);
  noteUse(services, id, row.last_used_at === null ? 0 : Date.parse(String(row.last_used_at)));
  return {
    id,
    user: {
      id: String(row.user),
      email: String(row.email),
      name: String(row.name),
      timezone: String(row.timezone),
      instanceOwner: row.instance_owner === 1,
    },
  };
}

function noteUse({ clock, disk, log, write }: Services, id: string, lastUsed: number): void {
  if (clock.now() - lastUsed < LAST_USED_GRAIN_MS || disk.state === "full") return;
  // Behind the request: a key's last use is worth no wait and no failure.
  write(({ now }) => [{ sql: "UPDATE api_keys SET last_used_at = ? WHERE id = ?", args: [now, id] }]).catch((error: unknown) =>
    log.warn({ error }, "the last use of an API key could not be noted"),
  );
}
