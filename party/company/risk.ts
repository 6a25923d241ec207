/** How risks are named in sentences. */
import type { Risk } from "../protocol/common.ts";

export const RISK_WORDS: Record<Risk, string> = {
  read: "reading",
  write: "writing",
  outward: "reaching outside",
  unknown: "an unknown effect",
  spend: "spending",
  destroy: "destroying",
};
