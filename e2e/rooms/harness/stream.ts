/** Output of a tool in a flood, as a runner sends it. */
import type { Feeder } from "./feeder.ts";

/** characters of one live item */
const ITEM = 100_000;

/** Live items of one tool call, as fast as the room takes them. */
export async function stream(feeder: Feeder, bytes: number): Promise<void> {
  const text = "x".repeat(ITEM);
  for (let sent = 0; sent < bytes; sent += ITEM) {
    feeder.live([{ type: "tool.progress", run: feeder.run, call: "call_1", text }]);
    // The room answers in order: an acknowledgement says that everything before it was taken.
    if (sent % (50 * ITEM) === 0) await feeder.commit([{ type: "log", level: "info", text: `${sent}` }]);
  }
}
