/** Who may decide what. */
import type { Risk } from "../protocol/common.ts";
import type { Role } from "../protocol/roles.ts";

/** Who may decide a risk. Source: docs/architecture.md, "Rights". */
export const RISK_ROLE: Record<Risk, Role> = {
  read: "operator",
  write: "operator",
  outward: "operator",
  unknown: "operator",
  spend: "admin",
  destroy: "admin",
};

export const RISK_WORDS: Record<Risk, string> = {
  read: "reading",
  write: "writing",
  outward: "reaching outside",
  unknown: "an unknown effect",
  spend: "spending",
  destroy: "destroying",
};
