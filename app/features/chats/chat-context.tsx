import { createContext, type ReactNode, useContext } from "react";
import type { Message } from "../../../party/protocol/session.ts";

/** What the rows of a conversation can do; the same object while the conversation is open, so that rows need not draw again. */
export interface ChatDeeds {
  session: string;
  /** seen by the people it names alone */
  isPrivate: boolean;
  /** why nothing can be written now */
  why: string | undefined;
  reply(message: Message): void;
  beginEdit(id: string): void;
  endEdit(): void;
  /** @throws when the room refuses */
  edit(id: string, text: string): Promise<void>;
  remove(message: Message): void;
  /** asks the agents of a message once more */
  again(id: string): void;
  askAgain(answer: Message): (() => void) | undefined;
  jump(id: string): void;
  stop(run: string): void;
  retrySending(key: string): void;
  discard(key: string): void;
}

const Context = createContext<ChatDeeds | undefined>(undefined);
const Editing = createContext<string | undefined>(undefined);

export function ChatProvider({
  deeds,
  editing,
  children,
}: {
  deeds: ChatDeeds;
  /** the message that is being changed */
  editing: string | undefined;
  children: ReactNode;
}) {
  return (
    <Context value={deeds}>
      <Editing value={editing}>{children}</Editing>
    </Context>
  );
}

export function useDeeds(): ChatDeeds {
  const deeds = useContext(Context);
  if (!deeds) throw new Error("useDeeds outside of a conversation");
  return deeds;
}

/** True for the message that is being changed. */
export function useIsEditing(id: string): boolean {
  return useContext(Editing) === id;
}
