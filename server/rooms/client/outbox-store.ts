/** What the pump needs of the outbox table; `outbox-table.ts` is the real one. */
import type { Party } from "../../../party/protocol/tickets.ts";

/** A change of a record that a room must hear. `(generation, id)` is the room's high-water mark. */
export type OutboxRow = {
  id: number;
  generation: number;
  party: Party;
  room: string;
  /** JSON of a RecordChange */
  payload: string;
};

export type OutboxStore = {
  /** Rows above an id, in id order, of all rooms. */
  after(id: number, limit: number): Promise<OutboxRow[]>;
  /** Rows of one room from an id on, in id order. */
  ofRoom(party: Party, room: string, from: number, limit: number): Promise<OutboxRow[]>;
  /** Deletes delivered rows. May be late: a row delivered twice is dropped by the room. */
  remove(ids: number[]): Promise<void>;
  /** Moves a row the room refuses for good to the dead ones. */
  bury(row: OutboxRow, code: string, message: string): Promise<void>;
};
