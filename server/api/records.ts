/** What the rooms are told of the records: each row in the form of the wire. */
import type { InferSelectModel } from "drizzle-orm";
import type { agents, companies } from "../../db/schema/index.ts";
import { mustHold, type Statement, type UnitContext } from "../../db/write-queue.ts";
import type { AgentConfig } from "../../party/protocol/agent.ts";
import type { ActorRef } from "../../party/protocol/common.ts";
import type { CompanyConfig, CompanyMember } from "../../party/protocol/company.ts";
import { type AppContext, identityOf, membershipOf } from "./context.ts";
import { RIGHTS_CHANGED } from "./errors.ts";
import { roomsOfAgent, roomsOfCompany, roomsOfMember } from "./live/sessions/rooms.ts";

export type CompanyRow = InferSelectModel<typeof companies>;
export type AgentRow = InferSelectModel<typeof agents>;

/** Refuses the unit when the caller's rights are no longer those the request was allowed by. */
export function stillAllowed(c: AppContext): Statement {
  const { company, rights } = membershipOf(c);
  return mustHold(
    RIGHTS_CHANGED,
    "SELECT EXISTS (SELECT 1 FROM members WHERE company = ? AND user = ? AND rights = ? AND removed_at IS NULL)",
    [company, identityOf(c).user.id, rights],
  );
}

export function companyConfigOf({ id, name, prefix, fourEyes }: CompanyRow): CompanyConfig {
  return { id, name, prefix, fourEyes };
}

/** Tells the company's room, and its annexes, of the company's configuration. */
export function tellCompany({ toRooms }: UnitContext, row: CompanyRow): Statement {
  return toRooms("company", { kind: "company", config: companyConfigOf(row) }, roomsOfCompany(row.id));
}

/** Tells the company's room of a member, and the annexes of the private conversations that name them. */
export function tellMember({ toRooms }: UnitContext, company: string, member: CompanyMember, by: ActorRef): Statement {
  return toRooms("company", { kind: "member", member, by }, roomsOfMember(company, member.id));
}

/** Tells the same rooms that somebody is a member no more. @param rights those of the removal */
export function tellMemberGone(
  { toRooms }: UnitContext,
  company: string,
  { id, name, rights }: { id: string; name: string; rights: number },
  by: ActorRef,
): Statement {
  return toRooms("company", { kind: "member.removed", id, name, rights, by }, roomsOfMember(company, id));
}

export function agentConfigOf(row: AgentRow): AgentConfig {
  return {
    id: row.id,
    company: row.company,
    name: row.name,
    title: row.title,
    runtime: row.runtime,
    model: row.model,
    instructions: row.instructions,
    tools: row.tools,
    maxConcurrentRuns: row.maxConcurrentRuns,
    retired: row.retiredAt !== null,
  };
}

/** Tells the agent's room, its lanes and its company's room of an agent. */
export function tellAgent({ toRoom, toRooms }: UnitContext, row: AgentRow): Statement[] {
  const config = agentConfigOf(row);
  return [
    toRooms("agent", { kind: "agent", config }, roomsOfAgent(row.id)),
    toRoom("company", row.company, config.retired ? { kind: "agent.removed", agent: row.id } : { kind: "agent", config }),
  ];
}

/** Puts a sentence into the company's activity strip. @param text without its subject: "renamed the company" */
export function tellActivity({ toRoom }: UnitContext, company: string, by: ActorRef, text: string, agent?: string): Statement {
  return toRoom("company", company, { kind: "activity", by, text, agent });
}
