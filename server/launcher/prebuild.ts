/** Brings `dist/` up to date before a start, in a child: the bundlers must not stay in the launcher's memory. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { StartError } from "./errors.ts";
import type { BuildPart } from "./messages.ts";
import { staleParts } from "./stamp.ts";
import type { Terminal } from "./terminal.ts";
import { diesWithParent } from "./wrappers.ts";

/** Builds those of the parts whose sources have changed. @throws {StartError} when a build fails */
export async function buildWhatChanged(root: string, parts: readonly BuildPart[], terminal: Terminal): Promise<void> {
  const stale = staleParts(root, parts);
  if (stale.length === 0) return;
  terminal.say(`Building ${stale.join(", ")} (once, and again after a change) ..`);
  const [file = "", ...args] = [...diesWithParent(), process.execPath, join(root, "server/build.ts"), ...stale];
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new StartError("The build failed; the reason is above. Nothing was started.");
}
