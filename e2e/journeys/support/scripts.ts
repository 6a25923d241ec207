/** What the agent is asked to do in the journeys: scripts for the rehearsal model. */

/** Milliseconds between two pieces of a slow text. */
const PACE_MS = 100;

/** A text that takes about `seconds` to write, in the words given. */
export function slowly(seconds: number, text: string): string {
  return `@slow ${Math.round((seconds * 1_000) / PACE_MS)} ${PACE_MS}\n@say ${text}`;
}

export function shell(command: string): string {
  return `@tool shell ${JSON.stringify({ command })}`;
}

export function lines(...parts: string[]): string {
  return parts.join("\n");
}
