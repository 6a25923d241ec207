import { useEffect, useMemo, useSyncExternalStore } from "react";
import { onNextFrame } from "../../lib/room/frame-loop.ts";
import { type UsedRoom, useRoom } from "../../lib/room/use-room.ts";
import { useCompany } from "../shell/company-context.tsx";
import { chatApi } from "./chat-api.ts";
import { History, type HistoryView } from "./history.ts";
import { outgoingOf, trayOf } from "./on-this-device.ts";
import type { Outgoing, OutgoingMessages } from "./outgoing.ts";
import type { UploadTray } from "./uploads.ts";

/** ms between attempts while the room can be reached and a message could not be sent */
const RESUME_MS = 5_000;

/** One conversation as its screen uses it. */
export interface OpenChat extends HistoryView {
  session: string;
  room: UsedRoom<"session">;
  history: History;
  sending: readonly Outgoing[];
  outgoing: OutgoingMessages;
  tray: UploadTray;
}

/** Enters a conversation and keeps its messages, what is on its way and its draft together while a screen shows it. */
export function useChat(session: string): OpenChat {
  const { company } = useCompany();
  const room = useRoom("session", session);
  const { store } = room;
  const history = useMemo(() => new History((cursor) => chatApi.messages(company.id, session, cursor)), [company.id, session]);
  const outgoing = outgoingOf(company.id, session);
  useEffect(() => {
    const take = (): void => {
      const { state } = store.getView();
      if (!state) return;
      history.sync(state);
      outgoing.settle(history.known);
    };
    take();
    const stops = [store.subscribe(take), store.listen(history.listener), outgoing.subscribe(() => onNextFrame(take))];
    return () => {
      for (const stop of stops) stop();
    };
  }, [store, history, outgoing]);
  const sending = useSyncExternalStore(outgoing.subscribe, outgoing.getView);
  useResume(outgoing, sending, room.status.kind === "live");
  return {
    session,
    room,
    history,
    outgoing,
    tray: trayOf(company.id, session),
    sending,
    ...useSyncExternalStore(history.subscribe, history.getView),
  };
}

/** Sends what waits: when the network or the room is back, and now and then while only the request failed. */
function useResume(outgoing: OutgoingMessages, sending: readonly Outgoing[], live: boolean): void {
  const waiting = sending.some(({ state }) => state.kind === "waiting");
  useEffect(() => {
    const resume = (): void => outgoing.resume();
    window.addEventListener("online", resume);
    return () => window.removeEventListener("online", resume);
  }, [outgoing]);
  useEffect(() => {
    if (live) outgoing.resume();
  }, [live, outgoing]);
  useEffect(() => {
    if (!live || !waiting) return;
    const timer = setTimeout(() => outgoing.resume(), RESUME_MS);
    return () => clearTimeout(timer);
  }, [live, waiting, outgoing]);
}
