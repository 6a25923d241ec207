/** One thing the doctor looks at. */

/**
 * - `fine`: `says` what was found
 * - `warning`: it works, and `fix` makes it better
 * - `problem`: something does not work; `fix` is what to do
 */
export type Finding =
  | { state: "fine"; says: string }
  | { state: "warning"; says: string; fix: string }
  | { state: "problem"; says: string; fix: string };

export type Check = { name: string; look(): Finding | Promise<Finding> };

export const fine = (says: string): Finding => ({ state: "fine", says });
export const warning = (says: string, fix: string): Finding => ({ state: "warning", says, fix });
export const problem = (says: string, fix: string): Finding => ({ state: "problem", says, fix });
