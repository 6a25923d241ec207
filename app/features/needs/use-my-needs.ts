import { useCompany } from "../shell/company-context.tsx";
import { triage } from "./triage.ts";
import { useLater } from "./use-later.ts";

/** How much waits for this person now: what “For me” lists. */
export function useMyNeeds(): number {
  const { company, me, role, room, state } = useCompany();
  const later = useLater(company.id);
  return state ? triage(state, { id: me.id, role }, later.until, Date.now() + room.clockOffsetMs).mine.length : 0;
}
