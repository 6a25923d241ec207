/** The writes of providers and tiers, each with its entry in the audit chain. No entry holds a key. */
import { WriteRefused } from "../../db/errors.ts";
import { orRefuse, type Statement, type UnitContext } from "../../db/write-queue.ts";
import { modelChoice } from "../../party/protocol/model-choice.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../api/context.ts";
import { conflict } from "../api/errors.ts";
import { type AgentRow, stillAllowed, tellActivity, tellAgent } from "../api/records.ts";
import { chooseTiers, fillTiers, type Tiers } from "./default-tiers.ts";
import { labelOf, modelsOf } from "./offers.ts";
import { DEFAULT_TIER, isOf, resolve, usersOf, withoutProvider } from "./resolve.ts";
import {
  insertProvider,
  listAgents,
  listProviders,
  type ProviderRow,
  readTiers,
  STALE,
  saveTiers,
  updateProvider,
} from "./store.ts";
import type { Verdict } from "./verdict.ts";

type Told = {
  action: string;
  subject: { kind: string; id: string };
  data: Record<string, unknown> /** in the activity strip */;
  text?: string;
};

/** Writes what `statements` says with one audit entry, for as long as the caller may. */
async function write(c: AppContext, told: Told, statements: (context: UnitContext) => Statement[]): Promise<void> {
  const { company } = membershipOf(c);
  const actor = actorRefOf(identityOf(c));
  const { action, subject, data, text } = told;
  const writing = c
    .get("services")
    .write(
      (context) => [
        stillAllowed(c),
        ...statements(context),
        context.activity({ chain: company, actor, action, subject, data }),
        ...(text === undefined ? [] : [tellActivity(context, company, actor, text)]),
      ],
      { chains: [company] },
    );
  await writing.catch((error: unknown) => {
    if (error instanceof WriteRefused && error.code === STALE) {
      throw conflict(STALE, "Someone changed this meanwhile. Load it again, your input is kept.");
    }
    throw error;
  });
}

const subjectOf = (row: ProviderRow) => ({ kind: "provider", id: row.id });

export async function addProvider(c: AppContext, row: ProviderRow): Promise<void> {
  const data = { kind: row.kind, name: row.name, baseUrl: row.baseUrl, key: row.key !== null };
  const told = { action: "provider.added", subject: subjectOf(row), data, text: `added the provider ${row.name}` };
  await write(c, told, () => [insertProvider(row)]);
}

/** @param changed names of the fields that changed */
export async function changeProvider(c: AppContext, row: ProviderRow, seen: number, changed: readonly string[]): Promise<void> {
  const data = { name: row.name, baseUrl: row.baseUrl, changed };
  const told = { action: "provider.changed", subject: subjectOf(row), data, text: `changed the provider ${row.name}` };
  await write(c, told, () => updateProvider(row, seen));
}

/** Keeps what a test found, unless the provider was changed while it ran; tiers that name nothing are filled from it. */
export async function recordTest(c: AppContext, before: ProviderRow, verdict: Verdict): Promise<void> {
  const { db, clock } = c.get("services");
  const checkedAt = new Date(clock.now()).toISOString();
  const { status, message } = verdict;
  const models = verdict.status === "ok" ? verdict.models : before.models;
  const chosen = verdict.status === "ok" ? chooseTiers(before.kind, verdict.models) : undefined;
  const { tiers, version } = await readTiers(db, before.company);
  const filled = chosen && fillTiers(tiers, choicesOf(before, chosen));
  const isFilled = filled !== undefined && JSON.stringify(filled) !== JSON.stringify(tiers);
  const told = { action: "provider.tested", subject: subjectOf(before), data: { status, models: models?.length ?? 0 } };
  await write(c, told, ({ now }) => [
    ...updateProvider({ ...before, status, message, models, checkedAt }, before.version),
    ...(isFilled ? saveTiers(before.company, filled, version, identityOf(c).user.id, now) : []),
  ]);
}

export async function changeTiers(c: AppContext, tiers: Tiers, seen: number): Promise<void> {
  const { company } = membershipOf(c);
  const told = {
    action: "models.tiers_changed",
    subject: { kind: "company", id: company },
    data: { ...tiers },
    text: "changed which models the tiers mean",
  };
  await write(c, told, ({ now }) => saveTiers(company, tiers, seen, identityOf(c).user.id, now));
}

export type Moved = { id: string; name: string; answeredBy: string };

/**
 * Removes a provider. Agents that chose one of its models by name go to the default tier, so that what every screen says of
 * them is true; the tiers lose its models, and those left with none are filled from the oldest of the others.
 * @returns the agents it answered for, and what answers for them now
 */
export async function removeProvider(c: AppContext, gone: ProviderRow): Promise<Moved[]> {
  const { db } = c.get("services");
  const { company } = gone;
  const [providers, { tiers, version }, agents] = await Promise.all([
    listProviders(db, company),
    readTiers(db, company),
    listAgents(db, company),
  ]);
  const rest = providers.filter(({ id }) => id !== gone.id);
  const heir = rest.find((row) => modelsOf(row).length > 0);
  const chosen = heir && chooseTiers(heir.kind, modelsOf(heir));
  const left = withoutProvider(tiers, gone.id);
  const next = heir && chosen ? fillTiers(left, choicesOf(heir, chosen)) : left;
  const by = identityOf(c).user.id;
  const affected = usersOf(gone.id, agents, providers, tiers);
  const pinned = agents.filter(({ model }) => isOf(model, gone.id));
  const moved = affected.map(({ id, name, model }) => ({
    id,
    name,
    answeredBy: answering(isOf(model, gone.id) ? DEFAULT_TIER : model, rest, next),
  }));
  const told = {
    action: "provider.removed",
    subject: subjectOf(gone),
    data: { kind: gone.kind, name: gone.name, agents: affected.map(({ id }) => id) },
    text: `removed the provider ${gone.name}`,
  };
  await write(c, told, (context) => [
    { sql: "DELETE FROM providers WHERE id = ? AND company = ?", args: [gone.id, company] },
    orRefuse(STALE),
    ...(version > 0 ? saveTiers(company, next, version, by, context.now) : []),
    ...pinned.flatMap((agent) => moveAgent(context, agent, by)),
  ]);
  return moved;
}

function moveAgent(context: UnitContext, agent: AgentRow, by: string): Statement[] {
  const row: AgentRow = { ...agent, model: DEFAULT_TIER, version: agent.version + 1, updatedBy: by, updatedAt: context.now };
  return [
    {
      sql: "UPDATE agents SET model = ?, version = ?, updated_by = ?, updated_at = ? WHERE id = ? AND version = ?",
      args: [row.model, row.version, row.updatedBy, row.updatedAt, row.id, agent.version],
    },
    orRefuse(STALE),
    ...tellAgent(context, row),
  ];
}

/** What answers for a choice, as people read it. */
function answering(choice: string, providers: readonly ProviderRow[], tiers: Tiers): string {
  const [first] = resolve(choice, providers, tiers);
  const provider = providers.find(({ id }) => id === first?.provider);
  return first && provider ? labelOf(provider, first.model) : "the rehearsal model";
}

function choicesOf(row: ProviderRow, models: Readonly<Record<keyof Tiers, string>>): Record<keyof Tiers, string> {
  const choice = (tier: keyof Tiers) => modelChoice(row.id, models[tier]);
  return { fast: choice("fast"), balanced: choice("balanced"), strong: choice("strong") };
}
