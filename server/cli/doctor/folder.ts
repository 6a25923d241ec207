/** The data folder: rights, space, keys, copies. */
import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { mib } from "../../backup/create.ts";
import { StartError } from "../../launcher/errors.ts";
import { readHolder, takeLock } from "../../launcher/lock.ts";
import type { Settings } from "../../launcher/settings.ts";
import { readSetting } from "../../settings/read.ts";
import { type Check, type Finding, fine, problem, warning } from "./check.ts";

const MIB = 1024 * 1024;
/** Times the reserve below which it is worth a word. */
const LITTLE = 10;
const DAY_MS = 24 * 3_600_000;
/** days after which a backup is called old */
const OLD_DAYS = 7;
/** rights of others */
const OTHERS = 0o077;

export function folderChecks(settings: Settings): Check[] {
  const { data } = settings;
  return [
    { name: "data folder", look: () => lookAtFolder(data) },
    { name: "lock", look: () => lookAtLock(data) },
    { name: "disk", look: () => lookAtDisk(settings) },
    { name: "secrets", look: () => lookAtSecrets(settings) },
    { name: "backups", look: () => lookAtBackups(data, Date.now()) },
  ];
}

function lookAtFolder(data: string): Finding {
  const own = "Run this as the user that runs Atrium, or set ATRIUM_DATA to a folder of that user.";
  const there = existsSync(data);
  try {
    accessSync(there ? data : dirname(data), constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return problem(`This user may not write to ${data}.`, own);
  }
  if (!there) return fine(`${data}, made at the first start`);
  const open = ["atrium.db", "rooms", "secrets"].filter((name) => {
    const stat = statSync(join(data, name), { throwIfNoEntry: false });
    return stat !== undefined && (stat.mode & OTHERS) !== 0;
  });
  if (open.length > 0) {
    const paths = open.map((name) => join(data, name)).join(" ");
    return problem(`Other users of this machine can get at ${open.join(", ")} in ${data}.`, `chmod -R go-rwx ${paths}`);
  }
  return fine(data);
}

function lookAtLock(data: string): Finding {
  if (!existsSync(data)) return fine("nobody has it");
  try {
    takeLock(data, "the doctor looks").release();
    return fine("Atrium does not run on this folder");
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const holder = readHolder(data);
    return fine(holder ? `process ${holder.pid}: ${holder.address}, since ${holder.since}` : "another process has it");
  }
}

function lookAtDisk({ data, given }: Settings): Finding {
  if (!existsSync(data)) return fine("no folder yet");
  const { bavail, bsize } = statfsSync(data);
  const free = bavail * bsize;
  const reserve = readSetting("ATRIUM_MIN_FREE_MB", given) * MIB;
  if (free < reserve)
    return problem(
      `${mib(free)} are free; below ${mib(reserve)} new work is refused.`,
      "Free space: old backups in backups/, or a larger disk.",
    );
  if (free < LITTLE * reserve)
    return warning(`Only ${mib(free)} are free.`, "Free space before it runs out: old backups in backups/, or a larger disk.");
  return fine(`${mib(free)} free`);
}

function lookAtSecrets({ data, given }: Settings): Finding {
  const folder = join(data, "secrets");
  const environment = { rooms: "ATRIUM_ROOMS_SECRET", tickets: "ATRIUM_TICKET_SECRET", vault: "ATRIUM_VAULT_KEY" } as const;
  const names = (["rooms", "tickets", "vault"] as const).filter((name) => given[environment[name]] === undefined);
  const missing = names.filter((name) => !existsSync(join(folder, `${name}.key`)));
  if (existsSync(join(data, "atrium.db")) && missing.includes("vault"))
    return problem(
      "secrets/vault.key is missing: the keys of model providers cannot be opened.",
      "Put it back from where you keep it. A start would make a new one, which opens nothing old.",
    );
  const wide = names.filter((name) => !missing.includes(name) && (statSync(join(folder, `${name}.key`)).mode & OTHERS) !== 0);
  if (wide.length > 0)
    return problem(`Others can read ${wide.map((name) => `secrets/${name}.key`).join(", ")}.`, `chmod 600 ${folder}/*.key`);
  return fine(missing.length > 0 ? "made at the first start" : "there, and narrow");
}

/** @param now ms since the epoch */
export function lookAtBackups(data: string, now: number): Finding {
  const folder = join(data, "backups");
  if (!existsSync(join(data, "atrium.db"))) return fine("nothing to back up yet");
  const times = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".tar"))
        .map((name) => statSync(join(folder, name)).mtimeMs)
    : [];
  const fix = "npm run atrium -- backup create, by a timer and to another disk: --to /path";
  if (times.length === 0) return warning(`There is no backup in ${folder}.`, fix);
  const days = Math.floor((now - Math.max(...times)) / DAY_MS);
  if (days >= OLD_DAYS) return warning(`The newest backup in ${folder} is ${days} days old.`, fix);
  return fine(days === 0 ? "the newest is from today" : `the newest is ${days === 1 ? "one day" : `${days} days`} old`);
}
