import type { Risk } from "../../../party/protocol/common.ts";
import type { Approval, CompanyConfig } from "../../../party/protocol/company.ts";
import { atLeast, RISK_ROLE, type Role } from "../../../party/protocol/roles.ts";

/** Why this person's buttons are grey; absent where they may press. */
export interface WhyNot {
  allow?: string;
  deny?: string;
}

/** What the room will say to this person's decision. The room checks again; this only spares people a press that is refused. */
export function whyNotDecide(
  approval: Pick<Approval, "cause" | "risk" | "votes">,
  me: { id: string; role: Role },
  config: CompanyConfig | undefined,
): WhyNot {
  const least = RISK_ROLE[approval.risk];
  if (!atLeast(me.role, least)) {
    const why = `Deciding this needs the role ${least}; you are ${me.role}`;
    return { allow: why, deny: why };
  }
  if (config?.fourEyes && approval.cause?.id === me.id)
    return { allow: "You asked for this run, so somebody else has to allow it" };
  if (approval.votes.some((vote) => vote.by.id === me.id)) return { allow: "You allowed it already; others are needed" };
  return {};
}

/** Whether an allow may count again, where the room takes it: never for spending, destroying or what runs without a sandbox. */
export function canGrant(
  approval: Pick<Approval, "need" | "risk" | "everyTime">,
  config?: Pick<CompanyConfig, "fourEyes"> | undefined,
): boolean {
  const { need, everyTime, risk } = approval;
  return need === 1 && !everyTime && risk !== "spend" && risk !== "destroy" && !config?.fourEyes;
}

/** The role that is missing where none of these people may decide what an agent asks; undefined where one of them may. */
export function roleMissing(risk: Risk, roles: readonly Role[]): Role | undefined {
  const least = RISK_ROLE[risk];
  return roles.some((role) => atLeast(role, least)) ? undefined : least;
}
