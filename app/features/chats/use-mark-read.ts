import { useEffect, useRef, useState } from "react";
import { useCompany } from "../shell/company-context.tsx";
import { chatApi } from "./chat-api.ts";
import { showAsRead } from "./chat-queries.ts";

/** ms a message has to be in sight before it counts as read: a glance in passing is none */
const READ_AFTER_MS = 600;

/**
 * Marks a conversation as read up to `seq` while its newest message is in sight and the person looks at the page.
 * @param newest id of the newest message; nothing while there is none, or while what is unread is not known yet
 */
export function useMarkRead(session: string, newest: string | undefined, seq: number, inSight: boolean): void {
  const { company } = useCompany();
  const looking = useLooking();
  // Only a message makes something to read: other events of the room raise the seq as well.
  const head = useRef(seq);
  useEffect(() => {
    head.current = seq;
  });
  useEffect(() => {
    if (newest === undefined || !inSight || !looking) return;
    const timer = setTimeout(() => {
      // Tried again with the next message, and when the conversation is opened again.
      chatApi.read(company.id, session, head.current).then(
        () => showAsRead(company.id, session),
        () => undefined,
      );
    }, READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [company.id, session, newest, inSight, looking]);
}

/** True while the page is visible and has the focus. */
function useLooking(): boolean {
  const [looking, setLooking] = useState(isLooking);
  useEffect(() => {
    const look = (): void => setLooking(isLooking());
    window.addEventListener("focus", look);
    window.addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("focus", look);
      window.removeEventListener("blur", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return looking;
}

function isLooking(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
