/** The vault's key of a backup: it travels apart, and whoever restores brings it along. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { key as keyForm } from "../settings/kinds.ts";
import { BackupError } from "./errors.ts";
import { isSealedBy, keyId, type Manifest } from "./manifest.ts";

/** Where a key may come from, best first; `undefined` ones are left out. */
export type OfferedKey = { from: string; key: string };

/** Reads a key from a file that somebody kept. @throws {BackupError} */
export function readKeyFile(path: string): OfferedKey {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch {
    throw new BackupError(`${path} cannot be read.`);
  }
  const key = keyForm.parse(text);
  if (key === undefined) throw new BackupError(`${path} holds no key. It must be ${keyForm.form}.`);
  return { from: path, key };
}

/**
 * The key a backup was made with, out of those that are at hand. It also shows whether somebody has changed the backup.
 * @returns undefined when none of them is it
 * @throws {BackupError} when the right key shows that the backup was changed
 */
export function keyFor(manifest: Manifest, offered: readonly OfferedKey[], file: string): string | undefined {
  const found = offered.find(({ key }) => keyId(key) === manifest.key.id);
  if (found && !isSealedBy(manifest, found.key)) {
    throw new BackupError(`${basename(file)} was changed after it was made: its seal does not fit the key. Use another one.`);
  }
  return found?.key;
}

/** What to say to somebody who has no fitting key. */
export function keyMissing(manifest: Manifest, given: OfferedKey | undefined): BackupError {
  const wrong = given ? `${given.from} is not the key this backup was made with. ` : "";
  return new BackupError(
    `${wrong}This backup needs its vault key (${manifest.key.id}): the file secrets/vault.key of the instance it was made on. Name it with --key-file. If it is lost, --without-key restores everything but the keys of model providers and other sealed secrets, which then have to be entered again.`,
  );
}
