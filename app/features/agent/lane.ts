import { createContext, useContext } from "react";

/** The private conversation that the run on the screen is for; absent for what everybody in the company sees. */
export const Lane = createContext<string | undefined>(undefined);

export function useLane(): string | undefined {
  return useContext(Lane);
}
