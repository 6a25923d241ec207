import { useEffect, useRef } from "react";

/** ms after the last key in which a person still counts as typing */
const TYPING_MS = 3_000;

/** Tells the room that this person is writing, and that they stopped. Returns how to say it at once. */
export function useTypingSignal(draft: string, onTyping: (typing: boolean) => void): () => void {
  const latest = useRef(onTyping);
  const previous = useRef(draft);
  useEffect(() => {
    latest.current = onTyping;
  });
  useEffect(() => {
    if (draft === previous.current) return;
    previous.current = draft;
    if (draft === "") return latest.current(false);
    latest.current(true);
    const timer = setTimeout(() => latest.current(false), TYPING_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  useEffect(() => () => latest.current(false), []);
  return () => latest.current(false);
}
