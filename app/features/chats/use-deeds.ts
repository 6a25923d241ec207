import { useEffect, useMemo, useRef } from "react";
import type { Message } from "../../../party/protocol/session.ts";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { chatApi } from "./chat-api.ts";
import type { ChatDeeds } from "./chat-context.tsx";
import { askedBy } from "./rows.ts";
import type { OpenChat } from "./use-chat.ts";

interface Around {
  chat: OpenChat;
  why: string | undefined;
  setReplyTo: (message: Message | undefined) => void;
  setEditing: (id: string | undefined) => void;
  setRemoving: (message: Message | undefined) => void;
  onTarget: (message: string | undefined) => void;
}

/** What can be done in a conversation. The object changes only with the right to write, so rows are not drawn for nothing. */
export function useDeedsOf(around: Around): ChatDeeds & { removeNow(id: string): void } {
  const latest = useRef(around);
  useEffect(() => {
    latest.current = around;
  });
  const company = useCompany().company.id;
  const { why } = around;
  const { session, history, outgoing } = around.chat;
  const { store, state } = around.chat.room;
  const isPrivate = state?.config?.private ?? false;
  return useMemo(() => {
    const say = (done: Promise<unknown>): void => void done.catch((error: unknown) => toast("fail", sentence(error)));
    const again = (id: string): void => say(chatApi.retry(company, session, id));
    return {
      session,
      isPrivate,
      why,
      reply: (message) => latest.current.setReplyTo(message),
      beginEdit: (id) => latest.current.setEditing(id),
      endEdit: () => latest.current.setEditing(undefined),
      edit: async (id, text) => void (await chatApi.edit(company, session, id, text)),
      remove: (message) => latest.current.setRemoving(message),
      removeNow: (id) => say(chatApi.remove(company, session, id)),
      again,
      askAgain: (answer) => {
        const asked = askedBy(history.getView().messages, answer);
        return asked && (() => again(asked.id));
      },
      jump: (id) => latest.current.onTarget(id),
      stop: (run) => say(store.command({ type: "answer.stop", run })),
      retrySending: (key) => outgoing.retry(key),
      discard: (key) => outgoing.discard(key),
    };
  }, [company, session, isPrivate, why, store, history, outgoing]);
}
