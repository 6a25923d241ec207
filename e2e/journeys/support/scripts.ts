/** What the agent is asked to do in the journeys: scripts for the rehearsal model. */

/** Milliseconds between two pieces of a slow text. */
const PACE_MS = 100;

/** A text that takes about `seconds` to write, in the words given. */
export function slowly(seconds: number, text: string): string {
  return `@slow ${Math.round((seconds * 1_000) / PACE_MS)} ${PACE_MS}\n@say ${text}`;
}

/** A text that is still being written half a minute later, unless somebody steps in. */
export function endlessly(): string {
  return slowly(30, "This would take half a minute if nobody stepped in. ".repeat(5));
}

export function shell(command: string): string {
  return `@tool shell ${JSON.stringify({ command })}`;
}

export function lines(...parts: string[]): string {
  return parts.join("\n");
}
