import { isRunEvent } from "../../../party/protocol/agent-state.ts";
import { assertNever } from "../../../party/protocol/assert.ts";
import type { RoomTypes } from "../../../party/protocol/frames.ts";
import type { RunLive } from "../../../party/protocol/run-events.ts";

/** Characters of a running tool's progress that are kept: a glance, not a log. */
export const PROGRESS_KEEP = 4_000;

/**
 * Adds a live item to those that are open: one for each block that is being written and each call that runs, with all its
 * text so far. A screen that opens in the middle is told these first; a piece from the middle alone would leave a hole.
 */
export function addOpen(open: readonly RunLive[], item: RunLive): readonly RunLive[] {
  if (item.type === "voice.audio") return open; // sound that has passed is not heard later
  const index = open.findIndex((one) => idOf(one) === idOf(item));
  const known = open[index];
  if (known) return open.with(index, joined(known, item));
  return item.type === "block.delta" && item.offset > 0 ? open : [...open, item];
}

/** Drops what an event of the log holds as a whole. */
export function settleOpen(open: readonly RunLive[], event: RoomTypes["agent"]["event"]): readonly RunLive[] {
  if (open.length === 0 || !isRunEvent(event)) return open;
  switch (event.type) {
    case "block.ended":
      return open.filter((item) => idOf(item) !== event.block);
    case "tool.ended":
      return open.filter((item) => idOf(item) !== event.call);
    case "run.ended":
      return open.filter((item) => item.run !== event.run);
    default:
      return open;
  }
}

function idOf(item: RunLive): string | undefined {
  switch (item.type) {
    case "block.delta":
      return item.block;
    case "tool.progress":
      return item.call;
    case "voice.audio":
      return undefined;
    default:
      return assertNever(item);
  }
}

function joined(known: RunLive, item: RunLive): RunLive {
  if (known.type === "tool.progress" && item.type === "tool.progress")
    return { ...item, text: (known.text + item.text).slice(-PROGRESS_KEEP) };
  // A piece after a hole is of no use: the whole comes with the log.
  if (known.type !== "block.delta" || item.type !== "block.delta" || item.offset > known.text.length) return known;
  return { ...known, text: known.text.slice(0, item.offset) + item.text };
}
