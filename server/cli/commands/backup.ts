/** `backup create|list|verify` and `restore`. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ROOMS_FORMAT } from "../../../party/protocol/rooms-format.ts";
import { createBackup, mib } from "../../backup/create.ts";
import { BackupError } from "../../backup/errors.ts";
import { type OfferedKey, readKeyFile } from "../../backup/key.ts";
import { type Restored, restoreBackup, stamp } from "../../backup/restore.ts";
import { isDatabase, restoreCopy } from "../../backup/restore-copy.ts";
import { peekManifest } from "../../backup/tar-reader.ts";
import { verifyBackup } from "../../backup/verify.ts";
import { readIfThere } from "../../launcher/files.ts";
import { loadGeneration } from "../../launcher/secrets.ts";
import type { Settings } from "../../launcher/settings.ts";
import { readSetting } from "../../settings/read.ts";
import { readArguments } from "../arguments.ts";
import { CliError, EXIT, type Run, type Terminal } from "../command.ts";
import { existingInstance, settingsOf } from "../place.ts";

/** Says what went wrong as the command line does. */
function explained(run: Run): Run {
  return (args, terminal) =>
    run(args, terminal).catch((error: unknown) => {
      throw error instanceof BackupError ? new CliError(error.message) : error;
    });
}

/** The vault's key of this instance, from where a start takes it. */
function keyOf({ data, given }: Settings): OfferedKey[] {
  const set = readSetting("ATRIUM_VAULT_KEY", given);
  const stored = readIfThere(join(data, "secrets/vault.key"))?.trim();
  return [
    ...(set === undefined ? [] : [{ from: "ATRIUM_VAULT_KEY", key: set }]),
    ...(stored === undefined ? [] : [{ from: join(data, "secrets/vault.key"), key: stored }]),
  ];
}

/** Where uploaded files are when they are not in the data folder; undefined otherwise. */
function elsewhere({ given }: Settings): string | undefined {
  const address = readSetting("ATRIUM_STORAGE_URL", given);
  return address.startsWith("file:") ? undefined : address.split("?", 1)[0];
}

/** `[--to file or folder] [--with-key]` */
export const create: Run = explained(async (args, terminal) => {
  const options = { to: { type: "string" }, "with-key": { type: "boolean" } } as const;
  const { values } = readArguments(args, options, { least: 0, most: 0 });
  const settings = existingInstance(terminal);
  const database = readSetting("DATABASE_URL", settings.given);
  if (database !== undefined) {
    throw new CliError(
      "The database of this instance is kept elsewhere (DATABASE_URL). Stop Atrium, back that database up with its own means, and copy the data folder.",
    );
  }
  const [key] = keyOf(settings);
  if (!key) throw new CliError(`${settings.data}/secrets/vault.key is missing. Start Atrium once, or set ATRIUM_VAULT_KEY.`);
  const name = `atrium-${settings.version}-${stamp(new Date())}.tar`;
  const to = placeOf(values.to, join(settings.data, "backups"), name);
  const made = await createBackup({
    data: settings.data,
    to,
    version: settings.version,
    generation: loadGeneration(settings.data),
    roomsFormat: ROOMS_FORMAT,
    key: key.key,
    withKey: values["with-key"] ?? false,
    filesElsewhere: elsewhere(settings),
    progress: terminal.warn,
  });
  terminal.say(`${made.path} (${mib(made.bytes)})`);
  if (made.skipped > 0) terminal.warn(`${made.skipped} things that are not plain files were left out: sockets, pipes, devices.`);
  if (made.manifest.filesElsewhere) {
    terminal.warn(
      `Files of people and agents are in ${made.manifest.filesElsewhere} and not in this backup; the list of them is. Back that storage up too.`,
    );
  }
  sayAboutKey(made.manifest.key, key, terminal);
  return EXIT.done;
});

/** Where the file goes that somebody asked for. */
function placeOf(to: string | undefined, folder: string, name: string): string {
  if (to === undefined) return join(folder, name);
  const path = resolve(process.env.INIT_CWD ?? ".", to);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, name) : path;
}

function sayAboutKey({ id, included }: { id: string; included: boolean }, { from }: OfferedKey, { warn }: Terminal): void {
  if (included) warn("The vault's key is in this backup: whoever has the file can read every secret in it.");
  else
    warn(
      `The vault's key (${id}) is not in it, so that the file alone opens no secret. Keep a copy of ${from} in another place: a restore asks for it.`,
    );
}

/** No arguments. */
export const list: Run = async (args, terminal) => {
  readArguments(args, {}, { least: 0, most: 0 });
  const folder = join(settingsOf(terminal).data, "backups");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(tar|db)$/.test(name)) : [];
  if (names.length === 0) terminal.warn(`There are no backups in ${folder}. Make one: npm run atrium -- backup create`);
  for (const name of names.sort()) {
    const path = join(folder, name);
    const { size, mtime } = statSync(path);
    terminal.say([name, mib(size), mtime.toISOString().slice(0, 16).replace("T", " "), kindOf(path)].join("  "));
  }
  return EXIT.done;
};

function kindOf(path: string): string {
  if (path.endsWith(".db")) return "the database before an upgrade";
  const manifest = peekManifest(path);
  if (!manifest) return "torn: it has no manifest";
  return `everything, from Atrium ${manifest.version}${manifest.key.included ? ", with its key" : `, key ${manifest.key.id}`}`;
}

const KEY_OPTION = { "key-file": { type: "string" } } as const;

/** `<file> [--key-file path]` */
export const verify: Run = explained(async (args, terminal) => {
  const { values, positionals } = readArguments(args, KEY_OPTION, { least: 1, most: 1 });
  const settings = settingsOf(terminal);
  const file = findFile(positionals[0] ?? "", settings);
  const given = keyFile(values["key-file"]);
  const { manifest, seal } = await verifyBackup(file, given ? [given] : keyOf(settings));
  const parts = manifest.parts.map(({ name, entries, bytes }) => `${name} (${entries}, ${mib(bytes)})`).join(", ");
  terminal.say(`${basename(file)} is whole: ${parts}.`);
  terminal.say(
    seal === "sealed"
      ? "Its seal fits the key: nobody has changed it."
      : `Its key (${manifest.key.id}) is not at hand, so the seal was not looked at.`,
  );
  return EXIT.done;
});

/** `<file> [--to folder] [--force] [--key-file path] [--without-key]` */
export const restore: Run = explained(async (args, terminal) => {
  const options = {
    ...KEY_OPTION,
    to: { type: "string" },
    force: { type: "boolean" },
    "without-key": { type: "boolean" },
  } as const;
  const { values, positionals } = readArguments(args, options, { least: 1, most: 1 });
  const settings = settingsOf(terminal);
  const file = findFile(positionals[0] ?? "", settings);
  const to = values.to === undefined ? settings.data : resolve(process.env.INIT_CWD ?? ".", values.to);
  if (isDatabase(file)) return restoreDatabase(file, to, values.force ?? false, settings, terminal);
  const restored = await restoreBackup({
    file,
    to,
    force: values.force ?? false,
    given: keyFile(values["key-file"]),
    atHand: keyOf(settings),
    withoutKey: values["without-key"] ?? false,
    root: settings.root,
    version: settings.version,
    now: new Date(),
    progress: terminal.warn,
  });
  sayRestored(restored, to, to === settings.data, terminal);
  return EXIT.done;
});

async function restoreDatabase(
  file: string,
  data: string,
  force: boolean,
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  const { root, version } = settings;
  const aside = await restoreCopy({ file, data, root, version, force, now: new Date() });
  terminal.say(`The database in ${data} is that of ${basename(file)}; rooms, files and workspaces are as they were.`);
  terminal.warn(`The database before it is ${aside}; remove it when you are sure. Everybody signs in again.`);
  return EXIT.done;
}

function sayRestored({ manifest, aside, key }: Restored, to: string, standard: boolean, { say, warn }: Terminal): void {
  say(`${to} is what it was at ${manifest.at}.`);
  if (aside) warn(`What was there before is in ${aside}; remove it when you are sure.`);
  if (!key) warn("Sealed secrets cannot be opened without the key: enter the keys of model providers again.");
  if (manifest.filesElsewhere) warn(`Files are expected in ${manifest.filesElsewhere}: set ATRIUM_STORAGE_URL and its keys.`);
  warn("Everybody signs in again; API keys stay good. Settings in .env were not in the backup.");
  say(standard ? "Start it: npm start" : `Start it: ATRIUM_DATA=${to} npm start`);
}

function keyFile(path: string | undefined): OfferedKey | undefined {
  return path === undefined ? undefined : readKeyFile(resolve(process.env.INIT_CWD ?? ".", path));
}

/** A backup by its path, or by its name among those of the instance. */
function findFile(given: string, { data }: Settings): string {
  const path = resolve(process.env.INIT_CWD ?? ".", given);
  const own = join(data, "backups", given);
  const found = [path, own].find((one) => statSync(one, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) throw new CliError(`There is no file ${path}.`);
  return found;
}
