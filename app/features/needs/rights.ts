import { assertNever } from "../../../party/protocol/assert.ts";
import type { Risk } from "../../../party/protocol/common.ts";
import type { Approval, CompanyConfig } from "../../../party/protocol/company.ts";
import { atLeast, type Role } from "../../../party/protocol/roles.ts";

/** Why this person's buttons are grey; absent where they may press. */
export interface WhyNot {
  allow?: string;
  deny?: string;
}

function leastRole(risk: Risk): Role {
  switch (risk) {
    case "read":
    case "write":
    case "outward":
    case "unknown":
      return "operator";
    case "spend":
    case "destroy":
      return "admin";
    default:
      return assertNever(risk);
  }
}

/** What the room will say to this person's decision. The room checks again; this only spares people a press that is refused. */
export function whyNotDecide(
  approval: Pick<Approval, "cause" | "risk" | "votes">,
  me: { id: string; role: Role },
  config: CompanyConfig | undefined,
): WhyNot {
  const least = leastRole(approval.risk);
  if (!atLeast(me.role, least)) {
    const why = `Deciding this needs the role ${least}; you are ${me.role}`;
    return { allow: why, deny: why };
  }
  if (config?.fourEyes && approval.cause?.id === me.id)
    return { allow: "You asked for this run, so somebody else has to allow it" };
  if (approval.votes.some((vote) => vote.by.id === me.id)) return { allow: "You allowed it already; others are needed" };
  return {};
}

/** One press for all calls of a tool in a run, where the room takes it: never for spending, destroying or what runs without a sandbox. */
export function canGrant(approval: Pick<Approval, "need" | "risk" | "everyTime">): boolean {
  return approval.need === 1 && !approval.everyTime && approval.risk !== "spend" && approval.risk !== "destroy";
}
