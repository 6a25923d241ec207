import { useQuery } from "@tanstack/react-query";
import { REHEARSAL } from "../../../party/protocol/model-choice.ts";
import { useCompany } from "../shell/company-context.tsx";
import { readyQuery } from "./provider-api.ts";

/**
 * What answers for a choice of model here: while no provider is there, every choice rehearses, and no screen may name a
 * model in its place.
 */
export function useAnswering(): (choice: string) => string {
  const { company } = useCompany();
  const ready = useQuery(readyQuery(company.id));
  return (choice) => (ready.data === false ? REHEARSAL : choice);
}
