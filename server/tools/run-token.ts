/** Keeps a run's own token out of what people and models read of its tools: a command that prints its environment shows it. */

/** The variable a command finds the token in; every other variable with it has the same value. */
export const RUN_TOKEN = "ATRIUM_RUN_TOKEN";
/** What stands where the token stood. */
const SHOWN = "[run token]";

/** A whole text without the token of `env`. */
export function withoutRunToken(text: string, env: Readonly<Record<string, string>>): string {
  const token = env[RUN_TOKEN];
  return token ? text.replaceAll(token, SHOWN) : text;
}

/** The same for text that comes in pieces: holds back an end in which the token may have begun. */
export class RunTokenMask {
  private readonly token: string;
  private held = "";

  constructor(env: Readonly<Record<string, string>>) {
    this.token = env[RUN_TOKEN] ?? "";
  }

  /** Takes a piece and returns what is sure so far. */
  push(text: string): string {
    if (this.token === "") return text;
    const known = (this.held + text).replaceAll(this.token, SHOWN);
    let begun = Math.min(this.token.length - 1, known.length);
    while (!known.endsWith(this.token.slice(0, begun))) begun -= 1;
    this.held = known.slice(known.length - begun);
    return known.slice(0, known.length - begun);
  }

  /** What was held back and was not the token after all. */
  finish(): string {
    const rest = this.held;
    this.held = "";
    return rest;
  }
}
