/** The whole of a text that an event only begins: from the archive, or from its room until it is there. */
import type { Party } from "../../../party/protocol/tickets.ts";
import { RoomsAway } from "../../rooms/client/room-http.ts";
import { notFound, roomsAway } from "../errors.ts";
import type { Services } from "../services.ts";

/** @throws 404 when neither knows it, 503 when the archive does not and the room is away */
export async function readRef({ read, rooms }: Services, party: Party, room: string, ref: string): Promise<string> {
  const { rows } = await read.execute({
    sql: "SELECT text FROM refs WHERE ref = ? AND room_party = ? AND room = ?",
    args: [ref, party, room],
  });
  if (rows[0]) return String(rows[0].text);
  try {
    const whole = await rooms.ref(party, room, ref);
    if (whole === undefined) throw notFound();
    return whole;
  } catch (error) {
    throw error instanceof RoomsAway ? roomsAway() : error;
  }
}
