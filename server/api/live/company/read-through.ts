/** The live state of a company's room, or nothing while rooms are away. */
import type { CompanyState } from "../../../../party/protocol/company.ts";
import { EMPTY_COMPANY } from "../../../../party/protocol/company-state.ts";
import type { RoomClient } from "../../../rooms/client/client.ts";
import { RoomsAway } from "../../../rooms/client/room-http.ts";

/** Undefined when the room does not answer: the archive is then the best there is, and the answer says `stale`. */
export async function readCompany(rooms: RoomClient, company: string): Promise<CompanyState | undefined> {
  try {
    return (await rooms.state("company", company))?.state ?? EMPTY_COMPANY;
  } catch (error) {
    if (error instanceof RoomsAway) return undefined;
    throw error;
  }
}
