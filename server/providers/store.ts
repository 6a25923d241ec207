/** Providers and tiers of a company as the database has them. Keys leave this file opened only through `openKey`. */
import { and, asc, eq, type InferSelectModel, isNull } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { agents, modelTiers, providers } from "../../db/schema/index.ts";
import { orRefuse, type SqlValue, type Statement } from "../../db/write-queue.ts";
import { type Vault, VaultError } from "../secrets/vault.ts";
import { NO_TIERS, type Tiers } from "./default-tiers.ts";

export type ProviderRow = InferSelectModel<typeof providers>;
type AgentRow = InferSelectModel<typeof agents>;

/** Code of a refused write: the row changed since it was read. */
export const STALE = "stale";

/** characters of a key that are shown; a key shorter than `HINT_FROM` shows none of itself */
const HINT_CHARS = 4;
const HINT_FROM = 16;

/** The end of a key, by which people tell two of them apart. */
export function hintOf(key: string): string | null {
  return key.length < HINT_FROM ? null : key.slice(-HINT_CHARS);
}

/** The context a key is sealed under: moved to another row it does not open. */
export function sealContext(provider: string): string {
  return `provider:${provider}`;
}

export type OpenedKey = { kind: "none" } | { kind: "key"; key: string } | { kind: "sealed" };

/** `sealed`: the vault of this machine has another key, so it has to be pasted again. */
export function openKey(vault: Vault, { id, key }: Pick<ProviderRow, "id" | "key">): OpenedKey {
  if (key === null) return { kind: "none" };
  try {
    return { kind: "key", key: vault.open(key, sealContext(id)) };
  } catch (error) {
    if (error instanceof VaultError) return { kind: "sealed" };
    throw error;
  }
}

/** Oldest first: the first one is the one the tiers were made from. */
export function listProviders(db: Db, company: string): Promise<ProviderRow[]> {
  return db.select().from(providers).where(eq(providers.company, company)).orderBy(asc(providers.id));
}

export async function findProvider(db: Db, company: string, provider: string): Promise<ProviderRow | undefined> {
  const [row] = await db
    .select()
    .from(providers)
    .where(and(eq(providers.id, provider), eq(providers.company, company)));
  return row;
}

export type StoredTiers = { tiers: Tiers /** 0 before the first */; version: number };

export async function readTiers(db: Db, company: string): Promise<StoredTiers> {
  const [row] = await db.select().from(modelTiers).where(eq(modelTiers.company, company));
  if (!row) return { tiers: NO_TIERS, version: 0 };
  const { fast, balanced, strong, version } = row;
  return { tiers: { fast, balanced, strong }, version };
}

/** Agents of the company that are not retired. */
export function listAgents(db: Db, company: string): Promise<AgentRow[]> {
  return db
    .select()
    .from(agents)
    .where(and(eq(agents.company, company), isNull(agents.retiredAt)))
    .orderBy(asc(agents.id));
}

export function insertProvider(row: ProviderRow): Statement {
  return {
    sql: `INSERT INTO providers (id, company, kind, name, base_url, key, key_hint, named, models, status, message, checked_at,
        version, created_by, created_at, updated_by, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    args: [
      row.id,
      row.company,
      row.kind,
      ...changeable(row),
      row.version,
      row.createdBy,
      row.createdAt,
      row.updatedBy,
      row.updatedAt,
    ],
  };
}

/** Writes a provider over the version `seen`; refuses with `STALE` when another one is there. */
export function updateProvider(row: ProviderRow, seen: number): Statement[] {
  return [
    {
      sql: `UPDATE providers SET name = ?, base_url = ?, key = ?, key_hint = ?, named = ?, models = ?, status = ?, message = ?,
          checked_at = ?, version = ?, updated_by = ?, updated_at = ?
        WHERE id = ? AND company = ? AND version = ?`,
      args: [...changeable(row), row.version, row.updatedBy, row.updatedAt, row.id, row.company, seen],
    },
    orRefuse(STALE),
  ];
}

function changeable(row: ProviderRow): SqlValue[] {
  const models = row.models === null ? null : JSON.stringify(row.models);
  return [row.name, row.baseUrl, row.key, row.keyHint, JSON.stringify(row.named), models, row.status, row.message, row.checkedAt];
}

/** Writes the tiers over the version `seen`; refuses with `STALE` when another one is there. */
export function saveTiers(
  company: string,
  { fast, balanced, strong }: Tiers,
  seen: number,
  by: string,
  now: string,
): Statement[] {
  const lists = [fast, balanced, strong].map((list) => JSON.stringify(list));
  return [
    {
      sql: `INSERT INTO model_tiers (company, fast, balanced, strong, version, updated_by, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (company) DO UPDATE SET fast = excluded.fast, balanced = excluded.balanced, strong = excluded.strong,
          version = excluded.version, updated_by = excluded.updated_by, updated_at = excluded.updated_at
        WHERE model_tiers.version = ?`,
      args: [company, ...lists, seen + 1, by, now, seen],
    },
    orRefuse(STALE),
  ];
}
