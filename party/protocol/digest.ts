/** Canonical JSON (RFC 8785 for the values JSON.parse yields) and the digest an approval is bound to. */
import { createHash } from "node:crypto";

/** JSON with sorted keys: equal values have equal bytes. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value && typeof value === "object") {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

/** SHA-256 in hex over what a person sees before deciding: tool, arguments, folder. */
export function argumentsDigest(tool: string, input: string, cwd: string): string {
  return createHash("sha256").update(canonicalJson({ tool, input, cwd })).digest("hex");
}
