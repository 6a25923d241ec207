/** The wakes an agent remembers: so that a repeat is dropped, and the change of a message finds the run it asked for. */
import { LIMITS } from "../protocol/limits.ts";
import type { LiveRun, TakenWake } from "./private.ts";
import type { Turn } from "./turn.ts";

/** More than that nobody changes one by one. */
const KEYS = 200;
/** In the place of a run. */
const REFUSED = "";

/** The run a repeated wake led to before; undefined for a new one, for one that was refused, and after a day. */
export function runOfWake(turn: Turn, key: string): string | undefined {
  const wake = turn.wakes.keys[key];
  return wake && wake.run !== REFUSED && wake.at > turn.now - LIMITS.commandDedupeMs ? wake.run : undefined;
}

/** @param row of its prompt in the run's journal */
export function remember(turn: Turn, key: string, run: string, row: number | undefined): void {
  const { [key]: _before, ...others } = turn.wakes.keys;
  const wake: TakenWake = { at: turn.now, run, row };
  turn.setWakes({ keys: Object.fromEntries([...Object.entries(others), [key, wake] as const].slice(-KEYS)) });
}

/** Remembers that a wake led to nothing: a change of its message has no work to meet. */
export function rememberRefused(turn: Turn, key: string): void {
  remember(turn, key, REFUSED, undefined);
}

/** Remembers what a run had done when it ended. One that never started did nothing worth telling. */
export function rememberDone(turn: Turn, id: string, run: LiveRun): void {
  const mine = Object.entries(turn.wakes.keys).filter(([, wake]) => wake.run === id);
  if (mine.length === 0 || turn.state.runs[id]?.startedAt === undefined) return;
  const did = doneBy(turn, id, run);
  turn.setWakes({ keys: { ...turn.wakes.keys, ...Object.fromEntries(mine.map(([key, wake]) => [key, { ...wake, did }])) } });
}

export function forget(turn: Turn, key: string): void {
  const { [key]: _gone, ...keys } = turn.wakes.keys;
  turn.setWakes({ keys });
}

/** The wakes of a message, oldest first: it may have been asked again. */
export function wakesOfMessage(turn: Turn, message: string): [key: string, wake: TakenWake][] {
  return Object.entries(turn.wakes.keys).filter(([key]) => key === message || key.startsWith(`${message}:`));
}

/** What a run has done so far. */
export function doneBy(turn: Turn, id: string, run: LiveRun): { calls: number; files: number } {
  return { calls: run.made ?? 0, files: turn.state.runs[id]?.files.length ?? 0 };
}
