import { useEffect, useSyncExternalStore } from "react";
import type { Party } from "../../../party/protocol/tickets.ts";
import { rooms } from "./registry.ts";
import type { RoomStore, RoomView } from "./room-store.ts";

/** A room as a screen sees it, with the store to command it. */
export type UsedRoom<P extends Party> = RoomView<P> & { store: RoomStore<P> };

/** Enters a room while a screen uses it. Screens that use the same room share one socket. */
export function useRoom<P extends Party>(party: P, room: string): UsedRoom<P> {
  useEffect(() => rooms[party].hold(room), [party, room]);
  const store = rooms[party].get(room);
  return { ...useSyncExternalStore(store.subscribe, store.getView), store };
}
