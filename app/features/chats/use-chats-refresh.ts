import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { UsedRoom } from "../../lib/room/use-room.ts";
import { type ChatPages, chatsKey } from "./chat-queries.ts";

/** ms until the lists are read; again later while the records, which follow the rooms, do not have what was said yet */
const REFRESH_MS = [300, 1_500, 5_000];

/** Reads the lists of conversations again when something was said somewhere, and after a time without news. */
export function useChatsRefresh(company: string, room: UsedRoom<"company">): void {
  const client = useQueryClient();
  const { store } = room;
  const live = room.status.kind === "live";
  useEffect(() => {
    if (!live) return;
    /** when something was last said, by conversation, where the lists do not show it yet */
    const missing = new Map<string, string>();
    let planned: { step: number; timer: ReturnType<typeof setTimeout> } | undefined;
    let gone = false;
    const plan = (step: number): void => {
      const wait = REFRESH_MS[step];
      // A look that is due anyway is not put off: in a busy company there would never be one.
      if (gone || wait === undefined || (planned && planned.step <= step)) return;
      clearTimeout(planned?.timer);
      planned = { step, timer: setTimeout(() => void look(step), wait) };
    };
    const look = async (step: number): Promise<void> => {
      planned = undefined;
      await client.invalidateQueries({ queryKey: chatsKey(company) });
      for (const [, pages] of client.getQueriesData<ChatPages>({ queryKey: chatsKey(company) })) settle(missing, pages);
      if (missing.size > 0 || step === 0) plan(step + 1);
      if (step + 1 === REFRESH_MS.length) missing.clear();
    };
    const stop = store.listen({
      live: (items) => {
        const touched = items.filter((item) => item.type === "session.touched");
        for (const { session, at } of touched) missing.set(session, at);
        if (touched.length > 0) plan(0);
      },
    });
    // What was said while there was no connection: nobody told this page of it.
    plan(0);
    return () => {
      gone = true;
      clearTimeout(planned?.timer);
      stop();
    };
  }, [store, live, client, company]);
}

/** Takes out what a list shows by now. One that this person may not see is never shown, and given up after a few looks. */
function settle(missing: Map<string, string>, pages: ChatPages | undefined): void {
  for (const chat of pages?.pages.flatMap((page) => page.items) ?? []) {
    const at = missing.get(chat.id);
    if (at !== undefined && chat.lastMessageAt !== null && chat.lastMessageAt >= at) missing.delete(chat.id);
  }
}
