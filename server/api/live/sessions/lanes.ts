/**
 * Private conversations have rooms of their own (party/protocol/lanes.ts): a lane of each agent, and an annex of the company's
 * room. What those rooms must know is told here, with the write that changes it.
 */
import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "../../../../db/client.ts";
import { agents, companies, members, users } from "../../../../db/schema/index.ts";
import { mustHold, type SqlValue, type Statement, type UnitContext } from "../../../../db/write-queue.ts";
import type { ActorRef } from "../../../../party/protocol/common.ts";
import type { CompanyMember } from "../../../../party/protocol/company.ts";
import type { RecordChange } from "../../../../party/protocol/internal.ts";
import { laneRoom } from "../../../../party/protocol/lanes.ts";
import { notFound } from "../../errors.ts";
import { type AgentRow, agentConfigOf, type CompanyRow, companyConfigOf } from "../../records.ts";
import type { Named } from "./records.ts";

/** Code of a refused write: a record that a room was to be told of is no longer what was read. */
const CHANGED = "changed";

/** What the rooms of a private conversation are told of its company, its agents and its people. */
export type LaneFacts = { company: CompanyRow; agents: AgentRow[]; people: CompanyMember[] };

/** @throws 404 when the company is gone */
export async function readLaneFacts(
  db: Db,
  companyId: string,
  who: { agents: readonly Named[]; people: readonly Named[] },
): Promise<LaneFacts> {
  const ids = (named: readonly Named[]) => named.map(({ id }) => id);
  const [[company], itsAgents, people] = await Promise.all([
    db.select().from(companies).where(eq(companies.id, companyId)),
    db
      .select()
      .from(agents)
      .where(inArray(agents.id, ids(who.agents))),
    db
      .select({ id: users.id, name: users.name, role: members.role, rights: members.rights })
      .from(members)
      .innerJoin(users, eq(users.id, members.user))
      .where(and(eq(members.company, companyId), inArray(members.user, ids(who.people)))),
  ]);
  if (!company) throw notFound();
  return { company, agents: itsAgents, people };
}

/** Refuses the write when one of the records is newer than what the rooms would be told: nobody would tell them again. */
function unchanged({ company, agents: itsAgents, people }: LaneFacts): Statement[] {
  const holds = (sql: string, ...args: SqlValue[]) => mustHold(CHANGED, `SELECT EXISTS (SELECT 1 FROM ${sql})`, args);
  return [
    holds("companies WHERE id = ? AND version = ?", company.id, company.version),
    ...itsAgents.map(({ id, version }) => holds("agents WHERE id = ? AND version = ?", id, version)),
    ...people.map(({ id, rights }) => holds("members WHERE company = ? AND user = ? AND rights = ?", company.id, id, rights)),
  ];
}

/** Opens the rooms of a new private conversation. */
export function openLanes(context: UnitContext, session: string, facts: LaneFacts, by: ActorRef): Statement[] {
  const annex = laneRoom(facts.company.id, session);
  return [
    ...unchanged(facts),
    context.toRoom("company", annex, { kind: "company", config: companyConfigOf(facts.company) }),
    ...facts.people.map((member) => context.toRoom("company", annex, { kind: "member", member, by })),
    ...facts.agents.flatMap((agent) => openLane(context, session, agent, facts.people)),
  ];
}

function openLane({ toRoom }: UnitContext, session: string, agent: AgentRow, people: readonly { id: string }[]): Statement[] {
  const lane = laneRoom(agent.id, session);
  return [
    toRoom("agent", lane, { kind: "agent", config: agentConfigOf(agent) }),
    toRoom("agent", lane, lanePeople(session, people)),
    // The agent's own room learns that there is a lane, and not whose.
    toRoom("agent", agent.id, { kind: "lane", session, people: [] }),
  ];
}

function lanePeople(session: string, people: readonly { id: string }[]): RecordChange {
  return { kind: "lane", session, people: people.map(({ id }) => id) };
}

type Part = { agents: readonly Named[]; people: readonly Named[] };

/**
 * Follows a change of who takes part: lanes of agents that left take no more work, people who left are put out at once.
 * @param facts of everybody who is or was in it
 */
export function changeLanes(
  context: UnitContext,
  session: string,
  { before, after, facts, by }: { before: Part; after: Part; facts: LaneFacts; by: ActorRef },
): Statement[] {
  const { toRoom } = context;
  const annex = laneRoom(facts.company.id, session);
  const isIn = (part: readonly Named[], id: string) => part.some((named) => named.id === id);
  const people = facts.people.filter(({ id }) => isIn(after.people, id));
  const statements = unchanged(facts);
  for (const agent of facts.agents) {
    const [was, is] = [isIn(before.agents, agent.id), isIn(after.agents, agent.id)];
    if (is && !was) statements.push(...openLane(context, session, agent, people));
    else if (is) statements.push(toRoom("agent", laneRoom(agent.id, session), lanePeople(session, people)));
    else if (was) {
      const config = { ...agentConfigOf(agent), retired: true };
      statements.push(toRoom("agent", laneRoom(agent.id, session), { kind: "agent", config }));
    }
  }
  for (const member of facts.people) {
    const [was, is] = [isIn(before.people, member.id), isIn(after.people, member.id)];
    if (is && !was) statements.push(toRoom("company", annex, { kind: "member", member, by }));
    const { id, name, rights } = member;
    if (was && !is) statements.push(toRoom("company", annex, { kind: "member.removed", id, name, rights, by }));
  }
  return statements;
}
