/**
 * The storage of the rooms at one instant. Rooms tell each other things, so copies of different moments would not fit: one could
 * know of a message that the other never sent, or wait for an answer that is lost. The rooms are held still for the milliseconds it
 * takes to open a read transaction on each one that is in use; their copies are then made at leisure, while they go on.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BackupError } from "./errors.ts";
import { type FrozenProcess, whileFrozen } from "./freeze.ts";
import { DatabaseBusy, PinnedDatabase } from "./pinned.ts";

/** ms since its last change after which a file without a log counts as out of use: the clock of files ticks every few ms */
const QUIET_MS = 2_000;
/** moments tried, until none falls into the few microseconds in which a room publishes a commit */
const TRIES = 50;
const BETWEEN_TRIES_MS = 7;

/** A file of the rooms, and how it looked when it was copied. */
export type QuietRoom = { path: string; look: string };

/** Where the rooms lie, below the data folder. */
export const ROOMS_STORAGE = "rooms/storage";

/** Every database of the rooms: one per room, and one with the alarms of each kind. Paths below the data folder. */
export function roomFiles(data: string): string[] {
  const storage = join(data, ROOMS_STORAGE);
  if (!existsSync(storage)) return [];
  return readdirSync(storage).flatMap((kind) =>
    readdirSync(join(storage, kind))
      .filter((name) => name.endsWith(".sqlite"))
      .map((name) => `${ROOMS_STORAGE}/${kind}/${name}`),
  );
}

/** Rooms that nobody uses now: their files can be copied as they are. */
export function quietRooms(data: string, now: number): QuietRoom[] {
  return roomFiles(data).flatMap((path) => {
    const full = join(data, path);
    const look = lookOf(full);
    return look !== undefined && now - statSync(full).mtimeMs > QUIET_MS ? [{ path, look }] : [];
  });
}

/** Size and time of a file that has nothing in a log beside it; undefined for one that has. */
function lookOf(full: string): string | undefined {
  const log = statSync(`${full}-wal`, { throwIfNoEntry: false });
  if (log && log.size > 0) return undefined;
  const { size, mtimeNs } = statSync(full, { bigint: true });
  return `${size}/${mtimeNs}`;
}

export type Cut = {
  /** the instant, ms since the epoch */
  at: number;
  /** rooms in use, by their path below the data folder */
  rooms: Map<string, PinnedDatabase>;
  database: PinnedDatabase;
  close(): void;
};

/**
 * Takes hold of the state of one instant: the database, and every room that was not copied before or has changed since. It is the
 * state a power cut at that instant would leave: whatever Atrium has acknowledged is in it.
 * @param rooms the process that serves them; undefined when nothing runs
 */
export async function takeCut(data: string, copied: readonly QuietRoom[], rooms: FrozenProcess | undefined): Promise<Cut> {
  for (let tries = 1; ; tries++) {
    try {
      return rooms ? await whileFrozen(rooms, () => pinAll(data, copied)) : pinAll(data, copied);
    } catch (error) {
      if (!(error instanceof DatabaseBusy)) throw error;
      if (tries === TRIES) throw new BackupError(`${error.message} is locked by another program. Close it and try again.`);
      await sleep(BETWEEN_TRIES_MS);
    }
  }
}

function pinAll(data: string, copied: readonly QuietRoom[]): Cut {
  const at = Date.now();
  const rooms = new Map<string, PinnedDatabase>();
  const close = (): void => {
    for (const room of rooms.values()) room.close();
  };
  try {
    const unchanged = new Set(copied.filter(({ path, look }) => lookOf(join(data, path)) === look).map(({ path }) => path));
    for (const path of roomFiles(data)) if (!unchanged.has(path)) rooms.set(path, new PinnedDatabase(join(data, path)));
    // Last, so that it knows at least what the rooms were told of and what they have handed up.
    const database = new PinnedDatabase(join(data, "atrium.db"));
    return {
      at,
      rooms,
      database,
      close() {
        close();
        database.close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}
