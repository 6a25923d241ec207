import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { type Mentionable, type MentionQuery, matching, mentionAt, withMention } from "./mentions.ts";

export interface MentionPicker {
  open: boolean;
  choices: readonly Mentionable[];
  index: number;
  /** the caret moved, or the text changed */
  moved(text: string, caret: number): void;
  /** takes a key while the picker is open; true when it did */
  press(event: KeyboardEvent): boolean;
  pick(agent: Mentionable): void;
  close(): void;
}

/** Offers the agents of a conversation while a mention is typed. With one agent there is nothing to choose. */
export function useMentionPicker(
  field: RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
  agents: readonly Mentionable[],
): MentionPicker {
  const [query, setQuery] = useState<MentionQuery>();
  const [index, setIndex] = useState(0);
  /** an @ that was closed with Escape stays closed */
  const [dismissed, setDismissed] = useState<number>();
  const caret = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (caret.current === undefined) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  });
  const choices = query && query.from !== dismissed ? matching(agents, query.typed) : [];
  const open = choices.length > 0;
  const close = (): void => setQuery(undefined);
  const pick = (agent: Mentionable): void => {
    if (!query) return;
    const put = withMention(text, query, field.current?.selectionStart ?? text.length, agent.name);
    caret.current = put.caret;
    setText(put.text);
    close();
    field.current?.focus();
  };
  return {
    open,
    choices,
    index: Math.min(index, Math.max(0, choices.length - 1)),
    moved: (now, at) => {
      const next = agents.length > 1 ? mentionAt(now, at) : undefined;
      if (next?.from !== query?.from || next?.typed !== query?.typed) {
        setQuery(next);
        setIndex(0);
      }
      if (!next) setDismissed(undefined);
    },
    press: (event) => {
      if (!open) return false;
      const chosen = choices[Math.min(index, choices.length - 1)];
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        const by = event.key === "ArrowDown" ? 1 : -1;
        setIndex((index + by + choices.length) % choices.length);
      } else if ((event.key === "Enter" || event.key === "Tab") && chosen && !event.shiftKey) {
        // A name that is written out needs no choice: Enter sends.
        if (event.key === "Enter" && choices.length === 1 && query?.typed.toLowerCase() === chosen.name.toLowerCase())
          return false;
        pick(chosen);
      } else if (event.key === "Escape") setDismissed(query?.from);
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
    pick,
    close,
  };
}
