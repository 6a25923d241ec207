import type { Hello, PresenceEntry, RoomTypes } from "../../../party/protocol/frames.ts";
import type { Party } from "../../../party/protocol/tickets.ts";

/** Why a room does not let us in; it stays so until someone acts. */
export type Refusal = "signed_out" | "not_found" | "rights";

/** Where the connection stands. `since` and `retryAt` are ms since the epoch of this device. */
export type RoomStatus =
  | { kind: "idle" }
  | { kind: "connecting"; since: number; first: boolean }
  /** in the room, reading what was missed */
  | { kind: "catching_up"; since: number; first: boolean }
  | { kind: "live"; missed: number; awayMs: number }
  | { kind: "waiting"; since: number; first: boolean; retryAt: number }
  | { kind: "refused"; why: Refusal }
  /** the room speaks a newer version: reload */
  | { kind: "outdated" };

/** What the connection tells its owner, in the order of the room. */
export interface RoomSink<P extends Party> {
  status(status: RoomStatus): void;
  /** the whole state, in place of everything before */
  reset(state: RoomTypes[P]["state"], seq: number): void;
  /** contiguous, each exactly once */
  events(events: readonly RoomTypes[P]["event"][]): void;
  live(items: readonly RoomTypes[P]["live"][]): void;
  presence(people: readonly PresenceEntry[]): void;
  hello(hello: Hello): void;
}
