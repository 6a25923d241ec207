import { useEffect, useMemo, useSyncExternalStore } from "react";
import { onNextFrame } from "../../lib/room/frame-loop.ts";
import { type UsedRoom, useRoom } from "../../lib/room/use-room.ts";
import { useCompany } from "../shell/company-context.tsx";
import { chatApi } from "./chat-api.ts";
import { History, type HistoryView } from "./history.ts";
import { outgoingOf, trayOf } from "./on-this-device.ts";
import type { Outgoing, OutgoingMessages } from "./outgoing.ts";
import type { UploadTray } from "./uploads.ts";

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
  const live = room.status.kind === "live";
  useEffect(() => {
    if (live) outgoing.resume();
  }, [live, outgoing]);
  return {
    session,
    room,
    history,
    outgoing,
    tray: trayOf(company.id, session),
    sending: useSyncExternalStore(outgoing.subscribe, outgoing.getView),
    ...useSyncExternalStore(history.subscribe, history.getView),
  };
}
