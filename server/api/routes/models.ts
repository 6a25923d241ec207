/** The models agents may choose from, and what the tiers of the company mean. */
import { createRoute, z } from "@hono/zod-openapi";
import { PROVIDER_PROTOCOLS } from "../../../db/schema/providers.ts";
import { MODEL_CHOICE_CHARS, TIERS } from "../../../party/protocol/model-choice.ts";
import { modelPrice } from "../../models/access.ts";
import { defaultChoice } from "../../providers/choice.ts";
import type { Tiers } from "../../providers/default-tiers.ts";
import { offersOf, whyNotChosen } from "../../providers/offers.ts";
import { hasModels } from "../../providers/resolve.ts";
import { listProviders, readTiers } from "../../providers/store.ts";
import { changeTiers } from "../../providers/write.ts";
import { type AppContext, membershipOf } from "../context.ts";
import { invalid } from "../errors.ts";
import { id } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

/** models of one tier: the best, and those that stand in for it */
const MAX_OF_TIER = 10;

const PATH = "/api/companies/{companyId}/models";

const choice = z.string().min(1).max(MODEL_CHOICE_CHARS);
const tiers = z
  .object({ fast: z.array(choice), balanced: z.array(choice), strong: z.array(choice) })
  .openapi("ModelTiers", { description: "models of each tier, the best first; the others stand in when it is overloaded" });

const offer = z
  .object({
    choice: choice.openapi({ description: "what an agent's `model` says to choose it" }),
    provider: id,
    providerName: z.string(),
    kind: z.enum(PROVIDER_PROTOCOLS),
    model: z.string(),
    label: z.string(),
    contextTokens: z.number().int().nullable().openapi({ description: "null when nobody knows" }),
    price: modelPrice.nullable().openapi({ description: "micro-USD per million tokens; null when nobody knows" }),
  })
  .openapi("OfferedModel");

const models = z.object({
  models: z.array(offer),
  tiers,
  version: z.number().int().min(0).openapi({ description: "of the tiers; 0 before the first" }),
  defaultModel: z.string().openapi({ description: "what a new agent gets" }),
  ready: z.boolean().openapi({ description: "false while only the rehearsal model is there" }),
});

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Models on offer, with their context and price where known, and the tiers",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: {
    params: companyParams,
    query: z.object({
      list: z
        .enum(["0", "1"])
        .default("1")
        .openapi({ description: "0: only the tiers, for screens that ask whether there are any models" }),
    }),
  },
  responses: { 200: answer(models, "In the order of the providers") },
});

const put = createRoute({
  method: "put",
  path: `${PATH}/tiers`,
  summary: "Say what the tiers mean",
  middleware: policy({ auth: "person", scope: "company", minRole: "admin", mutates: true }),
  request: { params: companyParams, body: jsonBody(tiers.extend({ version: z.number().int().min(0) })) },
  responses: { 200: answer(models, "As changed") },
});

export function modelRoutes() {
  return newRouter()
    .openapi(list, async (c) => c.json(await show(c, c.req.valid("query").list === "1"), 200))
    .openapi(put, async (c) => {
      const { version, ...wanted } = c.req.valid("json");
      const providers = await listProviders(c.get("services").db, membershipOf(c).company);
      const unique: Tiers = { fast: once(wanted.fast), balanced: once(wanted.balanced), strong: once(wanted.strong) };
      for (const tier of TIERS) {
        if (unique[tier].length > MAX_OF_TIER) throw invalid(tier, `A tier takes at most ${MAX_OF_TIER} models.`);
        for (const one of unique[tier]) {
          const isModel = one.includes("/");
          const why = isModel ? whyNotChosen(one, providers) : "A tier takes models of providers only.";
          if (why !== undefined) throw invalid(tier, why);
        }
      }
      await changeTiers(c, unique, version);
      return c.json(await show(c, true), 200);
    });
}

function once(list: readonly string[]): string[] {
  return [...new Set(list)];
}

async function show(c: AppContext, listed: boolean): Promise<z.infer<typeof models>> {
  const { db } = c.get("services");
  const { company } = membershipOf(c);
  const [providers, stored] = await Promise.all([listProviders(db, company), readTiers(db, company)]);
  const { fast, balanced, strong } = stored.tiers;
  return {
    models: (await offersOf(listed ? providers : [])).map(({ choice: chosen, provider, model, label, contextTokens, price }) => ({
      choice: chosen,
      provider: provider.id,
      providerName: provider.name,
      kind: provider.kind,
      model,
      label,
      contextTokens: contextTokens ?? null,
      price: price ?? null,
    })),
    tiers: { fast: [...fast], balanced: [...balanced], strong: [...strong] },
    version: stored.version,
    defaultModel: defaultChoice(providers, stored.tiers),
    ready: hasModels(providers, stored.tiers),
  };
}
