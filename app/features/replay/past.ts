import { createContext, useContext } from "react";

/** True inside a transcript that shows a point of the past: nothing there can be decided, answered or asked again. */
export const Past = createContext(false);

export function usePast(): boolean {
  return useContext(Past);
}
