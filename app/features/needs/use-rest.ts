import { useEffect, useState } from "react";

/** ms in which a card that took the place of another cannot be decided: a press on its way was meant for that one */
const REST_MS = 1_000;

export const RESTING = "The ask that stood here was just decided. Read this one first";

/** True for a moment after a card came up by itself. */
export function useRest(replaced: boolean): boolean {
  const [resting, setResting] = useState(replaced);
  useEffect(() => {
    if (!resting) return;
    const timer = setTimeout(() => setResting(false), REST_MS);
    return () => clearTimeout(timer);
  }, [resting]);
  return resting;
}
