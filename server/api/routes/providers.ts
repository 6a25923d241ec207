/** Providers of models: their keys go in and never come out. Testing one says in a sentence what is wrong. */
import { createRoute, z } from "@hono/zod-openapi";
import { PROVIDER_PROTOCOLS, PROVIDER_STATES } from "../../../db/schema/providers.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { MODEL_ID_CHARS } from "../../../party/protocol/model-choice.ts";
import { cleanKey, KEY_CHARS, type Protocol } from "../../../party/protocol/provider-key.ts";
import { atLeast } from "../../../party/protocol/roles.ts";
import { readAddress } from "../../providers/address.ts";
import { findLocal } from "../../providers/local.ts";
import { modelsOf } from "../../providers/offers.ts";
import { probe } from "../../providers/probe.ts";
import { usersOf } from "../../providers/resolve.ts";
import {
  findProvider,
  hintOf,
  listAgents,
  listProviders,
  openKey,
  type ProviderRow,
  readTiers,
  sealContext,
} from "../../providers/store.ts";
import { trouble, type Verdict } from "../../providers/verdict.ts";
import { addProvider, changeProvider, recordTest, removeProvider } from "../../providers/write.ts";
import { type AppContext, identityOf, membershipOf } from "../context.ts";
import { invalid, notFound } from "../errors.ts";
import { id, line, time, version } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

/** providers of a company; each is a row that every claim of a run reads */
const MAX_PROVIDERS = 50;
const MAX_NAMED = 50;
/** characters of an address as typed; what it may be is said by `readAddress` */
const ADDRESS_CHARS = 2_000;

const user = z.object({ id, name: z.string() });
const provider = z
  .object({
    id,
    kind: z.enum(PROVIDER_PROTOCOLS),
    name: z.string(),
    baseUrl: z.string().nullable().openapi({ description: "null: the protocol's own home" }),
    hasKey: z.boolean(),
    keyHint: z.string().nullable().openapi({ description: "the key's last characters, for members; null for viewers" }),
    named: z.array(z.string()),
    models: z.array(z.string()),
    status: z.enum(PROVIDER_STATES),
    message: z.string(),
    checkedAt: time.nullable(),
    usedBy: z.array(user).openapi({ description: "agents it answers for" }),
    version,
    createdAt: time,
  })
  .openapi("Provider");
type ProviderOut = z.infer<typeof provider>;

const key = z.string().max(2 * KEY_CHARS);
const named = z.array(z.string().trim().min(1).max(MODEL_ID_CHARS)).max(MAX_NAMED);
const baseUrl = z.string().max(ADDRESS_CHARS);

const PATH = "/api/companies/{companyId}/providers";
const params = companyParams.extend({ providerId: id });
const byAdmin = policy({ auth: "person", scope: "company", minRole: "admin", mutates: true });

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Providers of models, without their keys",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams },
  responses: { 200: answer(z.object({ items: z.array(provider) }), "Oldest first") },
});

const local = createRoute({
  method: "get",
  path: `${PATH}/local`,
  summary: "Look for local models on the machine of this instance",
  description: "Asks the usual ports of Ollama, llama.cpp, vLLM and LM Studio on 127.0.0.1.",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: false }),
  request: { params: companyParams },
  responses: {
    200: answer(
      z.object({
        items: z.array(z.object({ name: z.string(), baseUrl: z.string(), models: z.array(z.string()), added: z.boolean() })),
      }),
      "What answers now",
    ),
  },
});

const create = createRoute({
  method: "post",
  path: PATH,
  summary: "Add a provider; its key is sealed and cannot be read back",
  middleware: byAdmin,
  request: {
    params: companyParams,
    body: jsonBody(
      z.object({
        kind: z.enum(PROVIDER_PROTOCOLS),
        name: line(60).optional(),
        baseUrl: baseUrl.optional(),
        key: key.optional(),
        named: named.default([]),
      }),
    ),
  },
  responses: { 201: answer(provider, "The provider, not tested yet") },
});

const patch = createRoute({
  method: "patch",
  path: `${PATH}/{providerId}`,
  summary: "Change a provider, or replace its key",
  middleware: byAdmin,
  request: {
    params,
    body: jsonBody(
      z.object({
        version,
        name: line(60).optional(),
        baseUrl: baseUrl.nullable().optional(),
        key: key.nullable().optional().openapi({ description: "null removes it" }),
        named: named.optional(),
      }),
    ),
  },
  responses: { 200: answer(provider, "The provider, as changed") },
});

const test = createRoute({
  method: "post",
  path: `${PATH}/{providerId}/test`,
  summary: "Ask a provider for its models",
  description: "The first test that shows models also fills the tiers that name none.",
  middleware: byAdmin,
  request: { params },
  responses: {
    200: answer(
      z.object({ ok: z.boolean(), message: z.string(), models: z.array(z.string()), provider }),
      "What was found, in a sentence",
    ),
  },
});

const remove = createRoute({
  method: "delete",
  path: `${PATH}/{providerId}`,
  summary: "Remove a provider with its key",
  description: "Agents that chose one of its models go to the tier `balanced`; with no other provider they rehearse.",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true, whenFull: "allow" }),
  request: { params },
  responses: {
    200: answer(
      z.object({ agents: z.array(user.extend({ answeredBy: z.string().openapi({ description: "what answers for it now" }) })) }),
      "The agents it answered for",
    ),
  },
});

export function providerRoutes() {
  return newRouter()
    .openapi(list, async (c) => c.json({ items: await showAll(c) }, 200))
    .openapi(local, async (c) => {
      const [offers, known] = await Promise.all([findLocal(), listProviders(c.get("services").db, membershipOf(c).company)]);
      const items = offers.map((offer) => ({ ...offer, added: known.some((row) => row.baseUrl === offer.baseUrl) }));
      return c.json({ items }, 200);
    })
    .openapi(create, async (c) => {
      const { db, vault, clock } = c.get("services");
      const { company } = membershipOf(c);
      const { kind, name, baseUrl: address, key: pasted, named: models } = c.req.valid("json");
      if ((await listProviders(db, company)).length >= MAX_PROVIDERS) {
        throw invalid("kind", `A company has at most ${MAX_PROVIDERS} providers. Remove one that nobody uses.`);
      }
      const providerId = newId("prv", clock.now());
      const opened = readKey(pasted);
      const at = address === undefined || address.trim() === "" ? null : requireAddress(address, kind);
      // Only what a person runs themselves goes without a key.
      if (opened === null && at === null) throw invalid("key", "Paste the key that the provider gave you.");
      const now = new Date(clock.now()).toISOString();
      const by = identityOf(c).user.id;
      const row: ProviderRow = {
        id: providerId,
        company,
        kind,
        name: name ?? nameOf(kind, at),
        baseUrl: at,
        key: opened === null ? null : vault.seal(opened, sealContext(providerId)),
        keyHint: opened === null ? null : hintOf(opened),
        named: [...new Set(models)],
        models: null,
        ...UNTESTED,
        version: 1,
        createdBy: by,
        createdAt: now,
        updatedBy: by,
        updatedAt: now,
      };
      await addProvider(c, row);
      return c.json(await show(c, row.id), 201);
    })
    .openapi(patch, async (c) => {
      const { vault, clock } = c.get("services");
      const before = await load(c, c.req.valid("param").providerId);
      const { version: seen, name, baseUrl: address, key: pasted, named: models } = c.req.valid("json");
      const row: ProviderRow = { ...before, version: seen + 1, updatedBy: identityOf(c).user.id };
      row.updatedAt = new Date(clock.now()).toISOString();
      if (name !== undefined) row.name = name;
      if (address !== undefined)
        row.baseUrl = address === null || address.trim() === "" ? null : requireAddress(address, row.kind);
      if (pasted !== undefined) {
        const opened = readKey(pasted ?? undefined);
        row.key = opened === null ? null : vault.seal(opened, sealContext(row.id));
        row.keyHint = opened === null ? null : hintOf(opened);
      } else if (row.baseUrl !== before.baseUrl && row.key !== null) {
        // Sealed for another address: whoever may change the address must not thereby be shown the key there.
        throw invalid("key", "The stored key belongs to the address before. Paste the key of the new address with it.");
      }
      if (models !== undefined) row.named = [...new Set(models)];
      if (row.key !== before.key || row.baseUrl !== before.baseUrl || models !== undefined) Object.assign(row, UNTESTED);
      const changed = {
        name: name !== undefined,
        address: address !== undefined,
        key: pasted !== undefined,
        named: models !== undefined,
      };
      await changeProvider(
        c,
        row,
        seen,
        Object.keys(changed).filter((field) => Reflect.get(changed, field) === true),
      );
      return c.json(await show(c, row.id), 200);
    })
    .openapi(test, async (c) => {
      const before = await load(c, c.req.valid("param").providerId);
      const verdict = await testProvider(c, before);
      await recordTest(c, before, verdict);
      const shown = await show(c, before.id);
      return c.json({ ok: verdict.status === "ok", message: verdict.message, models: shown.models, provider: shown }, 200);
    })
    .openapi(remove, async (c) => {
      const before = await load(c, c.req.valid("param").providerId);
      return c.json({ agents: await removeProvider(c, before) }, 200);
    });
}

const UNTESTED = { status: "untested", message: "Not tested yet.", checkedAt: null } as const;

const NAMES: Readonly<Record<Protocol, string>> = { anthropic: "Anthropic", gemini: "Google Gemini", openai: "OpenAI" };

function nameOf(kind: Protocol, address: string | null): string {
  return address === null ? NAMES[kind] : new URL(address).host.slice(0, 60);
}

/** @returns null where there is none */
function readKey(pasted: string | undefined): string | null {
  const clean = cleanKey(pasted ?? "");
  if (clean.kind === "unreadable") {
    throw invalid(
      "key",
      "This is not a key: it has characters that no key has, such as the dots of a hidden one. Copy it again.",
    );
  }
  return clean.kind === "none" ? null : clean.key;
}

function requireAddress(text: string, kind: Protocol): string {
  const read = readAddress(text, kind);
  if (!read.ok) throw invalid("baseUrl", read.why);
  return read.baseUrl;
}

async function testProvider(c: AppContext, row: ProviderRow): Promise<Verdict> {
  const opened = openKey(c.get("services").vault, row);
  if (opened.kind === "sealed") return trouble("sealed");
  return probe({ ...row, key: opened.kind === "key" ? opened.key : undefined });
}

async function load(c: AppContext, providerId: string): Promise<ProviderRow> {
  const row = await findProvider(c.get("services").db, membershipOf(c).company, providerId);
  if (!row) throw notFound();
  return row;
}

async function show(c: AppContext, providerId: string): Promise<ProviderOut> {
  const found = (await showAll(c)).find((one) => one.id === providerId);
  if (!found) throw notFound();
  return found;
}

async function showAll(c: AppContext): Promise<ProviderOut[]> {
  const { db } = c.get("services");
  const { company, role } = membershipOf(c);
  const [rows, { tiers }, agents] = await Promise.all([
    listProviders(db, company),
    readTiers(db, company),
    listAgents(db, company),
  ]);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    baseUrl: row.baseUrl,
    hasKey: row.key !== null,
    keyHint: atLeast(role, "member") ? row.keyHint : null,
    named: row.named,
    models: modelsOf(row).map((model) => model.id),
    status: row.status,
    message: row.message,
    checkedAt: row.checkedAt,
    usedBy: usersOf(row.id, agents, rows, tiers).map((agent) => ({ id: agent.id, name: agent.name })),
    version: row.version,
    createdAt: row.createdAt,
  }));
}
