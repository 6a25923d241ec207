import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { CompanyState } from "../../../party/protocol/company.ts";
import type { Role } from "../../../party/protocol/roles.ts";
import type { Company, User } from "../../lib/api.ts";
import type { UsedRoom } from "../../lib/room/use-room.ts";

/** Where a person stands: their company, its live room, and what they may do in it. */
export interface CompanyScope {
  company: Company;
  me: User;
  /** the room's word on the role is newer than the records' */
  role: Role;
  room: UsedRoom<"company">;
  /** absent until the first snapshot */
  state: CompanyState | undefined;
}

const Context = createContext<CompanyScope | undefined>(undefined);

export function CompanyProvider({
  company,
  me,
  room,
  children,
}: {
  company: Company;
  me: User;
  room: UsedRoom<"company">;
  children: ReactNode;
}) {
  const role = room.you?.role ?? company.role;
  const scope = useMemo(() => ({ company, me, role, room, state: room.state }), [company, me, role, room]);
  return <Context value={scope}>{children}</Context>;
}

export function useCompany(): CompanyScope {
  const scope = useContext(Context);
  if (!scope) throw new Error("useCompany outside of a company");
  return scope;
}
