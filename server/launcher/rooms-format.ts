/**
 * The form of the rooms' storage, checked before they are started: what a newer version wrote is refused, and what an older one wrote
 * is copied before this one changes it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOMS_FORMAT } from "../../party/protocol/rooms-format.ts";
import { StartError } from "./errors.ts";
import { makeFolder, readIfThere, writeDurably } from "./files.ts";
import type { Settings } from "./settings.ts";

/** Where the form stands, below the data folder. */
export const FORMAT_FILE = "rooms/format";

/**
 * @param say tells the person at the terminal what is being done
 * @throws {StartError} when a newer version has used the rooms, with the way back
 */
export async function prepareRooms({ data, version }: Settings, say: (line: string) => void): Promise<void> {
  const path = join(data, FORMAT_FILE);
  const stored = readIfThere(path)?.trim();
  const form = stored === undefined ? ROOMS_FORMAT : Number(stored);
  if (!Number.isSafeInteger(form)) throw new StartError(`${path} does not hold a number. Restore it from a backup.`);
  if (form > ROOMS_FORMAT) {
    throw new StartError(
      `The rooms of this data were used by a newer Atrium (form ${form}; this is ${version} with form ${ROOMS_FORMAT}). Start that version again, or restore a backup made before the upgrade: npm run atrium -- backup list`,
    );
  }
  if (form < ROOMS_FORMAT && existsSync(join(data, "rooms/storage"))) {
    // Loaded here only: it happens once in the life of a form.
    const { copyRooms } = await import("../backup/rooms-copy.ts");
    say(`The rooms before this upgrade are kept in ${await copyRooms(data, version, form, new Date())}`);
  }
  if (stored === String(ROOMS_FORMAT)) return;
  makeFolder(join(data, "rooms"), 0o700);
  writeDurably(path, `${ROOMS_FORMAT}\n`, 0o600);
}
