/** Providers of models with their sealed keys, and which of their models each tier of a company means. */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";

/** The protocols that providers speak. `openai` is chat completions, which most others speak too. */
export const PROVIDER_PROTOCOLS = ["anthropic", "gemini", "openai"] as const;

/** How the last test ended. `untested`: there was none since the key or the address changed. */
export const PROVIDER_STATES = [
  "untested",
  "ok",
  "wrong_key",
  "revoked",
  "no_credit",
  "rate_limited",
  "unreachable",
  "tls",
  "timeout",
  "wrong_protocol",
  "redirected",
  "unlisted",
  "failing",
  "sealed",
] as const;

/** A model as its provider described it. */
export type SeenModel = {
  /** id as the provider knows it */
  id: string;
  label?: string;
  /** tokens it can read; absent when the provider does not say */
  contextTokens?: number;
};

export const providers = sqliteTable(
  "providers",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    kind: text("kind", { enum: PROVIDER_PROTOCOLS }).notNull(),
    name: text("name").notNull(),
    /** null: the protocol's own home */
    baseUrl: text("base_url"),
    /** sealed by the vault under `provider:<id>`; null where none is needed */
    key: text("key"),
    /** the key's last characters, so that people can tell two keys apart */
    keyHint: text("key_hint"),
    /** ids of models named by hand, for an address that cannot list them */
    named: text("named", { mode: "json" }).$type<string[]>().notNull(),
    /** seen at the last test that listed them; null before */
    models: text("models", { mode: "json" }).$type<SeenModel[]>(),
    status: text("status", { enum: PROVIDER_STATES }).notNull(),
    /** one sentence about `status`, for people */
    message: text("message").notNull(),
    checkedAt: time("checked_at"),
    version: integer("version").notNull().default(1),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedBy: text("updated_by").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [index("providers_company").on(table.company)],
);

/** What each tier of a company means: choices `<provider>/<model>`, the best first. A company without a row has none yet. */
export const modelTiers = sqliteTable("model_tiers", {
  company: text("company")
    .primaryKey()
    .references(() => companies.id, { onDelete: "cascade" }),
  fast: text("fast", { mode: "json" }).$type<string[]>().notNull(),
  balanced: text("balanced", { mode: "json" }).$type<string[]>().notNull(),
  strong: text("strong", { mode: "json" }).$type<string[]>().notNull(),
  version: integer("version").notNull().default(1),
  updatedBy: text("updated_by").notNull(),
  updatedAt: time("updated_at").notNull(),
});
