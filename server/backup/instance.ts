/** The instance of a data folder, as somebody finds it who is not part of it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../launcher/errors.ts";
import { parseRecord, readIfThere } from "../launcher/files.ts";
import { birthOf } from "../launcher/kill.ts";
import { type DataLock, takeLock } from "../launcher/lock.ts";
import { BackupError } from "./errors.ts";
import type { FrozenProcess } from "./freeze.ts";

/** A folder that nobody else uses, or one whose instance runs. */
export type Found = { kind: "stopped"; lock: DataLock } | { kind: "running"; rooms: FrozenProcess };

/**
 * @param doing what `lock.json` says about us to whoever wants the folder meanwhile
 * @throws {BackupError} when the rooms do not run under the launcher that has the folder
 */
export function findInstance(data: string, doing: string): Found {
  try {
    return { kind: "stopped", lock: takeLock(data, doing) };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
  }
  const rooms = roomsProcess(data);
  if (!rooms) {
    throw new BackupError(
      "The rooms of this instance are being started again, or run apart from its api. Try once more; if they run apart, stop everything first.",
    );
  }
  return { kind: "running", rooms };
}

/** The process that serves the rooms, from the launcher's table. */
function roomsProcess(data: string): FrozenProcess | undefined {
  const listed = parseRecord(readIfThere(join(data, "processes.json")))?.processes;
  const entries: unknown[] = Array.isArray(listed) ? listed : [];
  for (const entry of entries) {
    if (typeof entry !== "object" || entry === null || !("name" in entry && "pid" in entry && "born" in entry)) continue;
    const { name, pid, born } = entry;
    if (name !== "rooms" || typeof pid !== "number" || typeof born !== "string") continue;
    if (birthOf(pid) === born) return { pid, born };
  }
  return undefined;
}

/** @throws {BackupError} when the folder holds no instance */
export function requireInstance(data: string): void {
  if (!existsSync(join(data, "atrium.db"))) throw new BackupError(`There is no instance in ${data}.`);
}
