import { assertNever } from "../../../party/protocol/assert.ts";
import type { Risk } from "../../../party/protocol/common.ts";
import type { Approval } from "../../../party/protocol/company.ts";
import type { Vote } from "../../../party/protocol/run-events.ts";
import type { StatusKind } from "../../components/status.tsx";
import { firstName } from "../../lib/identity.ts";

/** What a risk means, in words a person can weigh. */
export function riskWords(risk: Risk): string {
  switch (risk) {
    case "read":
      return "Reads only";
    case "write":
      return "Changes files in the workspace";
    case "outward":
      return "Reaches outside of this workspace";
    case "spend":
      return "Spends money";
    case "destroy":
      return "Destroys something for good";
    case "unknown":
      return "Not classed: it may do anything";
    default:
      return assertNever(risk);
  }
}

/** Names of those who voted one way: "Ana", "Ana and Tom". */
export function voters(votes: readonly Vote[], ...decisions: Vote["decision"][]): string {
  const names = votes.filter((vote) => decisions.includes(vote.decision)).map((vote) => firstName(vote.by.name));
  if (names.length <= 1) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export interface Ending {
  kind: StatusKind;
  /** "Allowed by Ana" */
  text: string;
  note: string | undefined;
}

const UNDECIDED = "no one";
const BROKEN_OFF = "Nobody decided; the call was broken off";

/**
 * How an approval ended, in one line; nothing while it waits.
 * @param remembered a remembered pattern settled it: nobody was asked
 */
export function endingOf(state: Approval["state"], votes: readonly Vote[], remembered = false): Ending | undefined {
  const note = votes.findLast((vote) => vote.note)?.note;
  const people = voters(votes, "allow", "edit") || UNDECIDED;
  const changed = votes.some((vote) => vote.decision === "edit") ? "Allowed with changes by" : "Allowed by";
  const allowed = remembered ? `Allowed by a pattern ${people} gave` : `${changed} ${people}`;
  switch (state) {
    case "pending":
      return undefined;
    case "allowed":
      return { kind: "done", text: allowed, note };
    case "edited":
      return { kind: "done", text: `Allowed with changes by ${people}`, note };
    case "executing":
      return { kind: "live", text: `${allowed}, running now`, note };
    case "executed":
      return { kind: "done", text: `${allowed}, it ran`, note };
    case "unknown":
      return { kind: "wait", text: `${allowed}; it is not known whether it ran`, note };
    case "denied":
      return { kind: "fail", text: `Denied by ${voters(votes, "deny") || UNDECIDED}`, note };
    case "expired":
      return { kind: "idle", text: "Expired, nothing ran", note };
    case "revoked":
      return { kind: "idle", text: "Taken back, nothing ran", note };
    case "superseded":
      return { kind: "idle", text: "No longer needed, nothing ran", note };
    case "cancelled":
      return {
        kind: "idle",
        text: votes.length === 0 ? BROKEN_OFF : `${allowed}, but the call was broken off before it ran`,
        note,
      };
    default:
      return assertNever(state);
  }
}
