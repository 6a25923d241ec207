import { useState } from "react";

/**
 * What a person was writing, per place, kept over reloads of this tab: an update of Atrium, or a lost connection, never
 * costs a sentence.
 */
export function useDraft(place: string): [string, (text: string) => void] {
  const key = `atrium.draft.${place}`;
  const [held, setHeld] = useState(() => ({ key, text: read(key) }));
  if (held.key !== key) setHeld({ key, text: read(key) });
  const write = (text: string): void => {
    setHeld({ key, text });
    try {
      if (text) sessionStorage.setItem(key, text);
      else sessionStorage.removeItem(key);
    } catch {
      // storage is blocked: the draft lives as long as the page
    }
  };
  return [held.key === key ? held.text : read(key), write];
}

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}
