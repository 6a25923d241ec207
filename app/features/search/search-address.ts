import type { Kind } from "./search-api.ts";

/** What the address of the search holds. */
export interface SearchSearch {
  q?: string | undefined;
  kind?: Kind | undefined;
}

const KINDS: readonly Kind[] = ["run", "step", "message", "file"];
/** characters of a search, as the api takes them */
const MAX_Q = 200;

/** Reads the address; what is not one of ours is left out. */
export function readSearch({ q, kind }: Record<string, unknown>): SearchSearch {
  const words = typeof q === "number" ? String(q) : q;
  return {
    q: typeof words === "string" && words.trim() !== "" ? words.slice(0, MAX_Q) : undefined,
    kind: KINDS.find((one) => one === kind),
  };
}
