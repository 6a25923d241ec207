import { useQuery } from "@tanstack/react-query";
import type { LongText } from "../../../party/protocol/common.ts";
import { api, type TextOwner } from "../../lib/api.ts";
import { useCompany } from "./company-context.tsx";

export interface WholeText {
  /** what is at hand: the beginning, until the whole is read */
  text: string;
  state: "whole" | "cut" | "loading" | "failed";
  /** size of the whole */
  bytes: number;
  load: () => void;
}

/**
 * A text that may be too long to travel in an event: its beginning at once, the whole when `wanted`.
 */
export function useWholeText(text: LongText, owner: TextOwner, wanted: boolean): WholeText {
  const { company } = useCompany();
  const ref = typeof text === "string" ? undefined : text.ref;
  const query = useQuery({
    queryKey: ["ref", company.id, ref],
    queryFn: () => api.refText(company.id, owner, ref ?? ""),
    enabled: wanted && ref !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const load = (): void => void query.refetch();
  if (typeof text === "string") return { text, state: "whole", bytes: text.length, load };
  if (query.data !== undefined) return { text: query.data, state: "whole", bytes: text.bytes, load };
  const state = query.isFetching ? "loading" : query.isError ? "failed" : "cut";
  return { text: text.head, state, bytes: text.bytes, load };
}
