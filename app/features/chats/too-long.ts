import { LIMITS } from "../../../party/protocol/limits.ts";
import { bytes } from "../../lib/format.ts";

/** What the room would refuse, said before anything travels. */
export function whyTooLong(text: string): string | undefined {
  const size = new TextEncoder().encode(text).length;
  if (size <= LIMITS.textBytes) return undefined;
  return `It is ${bytes(size)} long, and ${bytes(LIMITS.textBytes)} can be sent at once. Shorten it, or attach it as a file.`;
}
