/** The instance's secrets: made once, kept in files that only the owner reads, handed to children by environment. */
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./errors.ts";
import { makeFolder, readIfThere, writeDurably } from "./files.ts";

/** bytes of randomness; as long as the HMAC-SHA-256 they key */
const SECRET_BYTES = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export interface Secrets {
  /** signs requests between our own processes */
  rooms: string;
  /** signs the tickets that open a room's socket */
  tickets: string;
  /** seals what the database keeps secret, such as keys of model providers */
  vault: string;
}

/** The environment wins over the files, so that processes on several machines can share secrets without sharing a folder. */
const VARIABLES: Record<keyof Secrets, string> = {
  rooms: "ATRIUM_ROOMS_SECRET",
  tickets: "ATRIUM_TICKET_SECRET",
  vault: "ATRIUM_VAULT_KEY",
};

/** Reads `secrets/*.key` of the data folder and makes what is missing. @throws {StartError} when one is not a secret */
export function loadSecrets(dataFolder: string, env: NodeJS.ProcessEnv): Secrets {
  const folder = join(dataFolder, "secrets");
  makeFolder(folder, 0o700);
  // A folder restored from a backup may have arrived with wider rights.
  chmodSync(folder, 0o700);
  const given = (name: keyof Secrets): string => load(folder, name, env[VARIABLES[name]]);
  return { rooms: given("rooms"), tickets: given("tickets"), vault: given("vault") };
}

function load(folder: string, name: keyof Secrets, fromEnvironment: string | undefined): string {
  if (fromEnvironment) {
    if (!SECRET.test(fromEnvironment))
      throw new StartError(`${VARIABLES[name]} must be 32 random bytes as 43 characters of base64url.`);
    return fromEnvironment;
  }
  const path = join(folder, `${name}.key`);
  const stored = readIfThere(path)?.trim();
  if (stored === undefined) {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    writeDurably(path, `${secret}\n`, 0o600);
    return secret;
  }
  if (!SECRET.test(stored)) {
    throw new StartError(
      `${path} does not hold a secret (43 characters of base64url). Restore it from a backup, or remove it: a new one is made at the next start.`,
    );
  }
  chmodSync(path, 0o600);
  return stored;
}

/**
 * The instance's generation: bound into the rooms, raised by a restore or a rebuild, so that nothing from before can come back.
 * @throws {StartError} when the file holds no positive integer
 */
export function loadGeneration(dataFolder: string): number {
  const path = join(dataFolder, "generation");
  const stored = readIfThere(path);
  if (stored === undefined) {
    writeDurably(path, "1\n", 0o644);
    return 1;
  }
  const generation = Number(stored.trim());
  if (!Number.isSafeInteger(generation) || generation < 1) {
    throw new StartError(`${path} does not hold a generation (an integer from 1). Restore it from a backup.`);
  }
  return generation;
}
