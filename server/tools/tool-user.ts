/**
 * The system user that an agent's commands run as, when Atrium was started by root.
 *
 * Root cannot be limited: the kernel does not count root's processes. So each workspace gets a user of its own from a range
 * nobody else uses. The owner of the folder is the record of it, so it survives restarts and moves of the data folder.
 */
import { createHash } from "node:crypto";
import { chmod, lchown, lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface ToolUser {
  uid: number;
  gid: number;
}

export interface UserRange {
  first: number;
  count: number;
}

/** Unused by people, services, containers and user namespaces (systemd's table of uids, "1879048192–2147352575 unused"). */
const WIDE_RANGE: UserRange = { first: 1_879_048_192, count: 268_304_384 };

/** For a container whose map has only the usual 65,536 users: above people and services, below `nobody`. */
const NARROW_RANGE: UserRange = { first: 40_000, count: 20_000 };

/**
 * The users that this process can become.
 * @param uidMap content of /proc/self/uid_map
 */
export function userRange(uidMap: string): UserRange | undefined {
  const maps = uidMap
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const covers = (range: UserRange) =>
    maps.some(([inside = 0, , length = 0]) => inside <= range.first && range.first + range.count <= inside + length);
  return [WIDE_RANGE, NARROW_RANGE].find(covers);
}

/** The range of this machine; undefined when not started by root or when there is no other user to become. */
export async function ownUserRange(): Promise<UserRange | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  return userRange(await readFile("/proc/self/uid_map", "utf8"));
}

/** The user of a workspace. At the first time the folder and all in it are handed over, closed to every other user. */
export async function adoptWorkspace(workspace: string, range: UserRange): Promise<ToolUser> {
  const { uid, gid } = await lstat(workspace);
  if (uid >= range.first && uid < range.first + range.count) return { uid, gid };
  const id = range.first + (createHash("sha256").update(workspace).digest().readUInt32BE() % range.count);
  await chmod(workspace, 0o700);
  await handOver(workspace, id); // the folder itself last: its owner says that all below is done
  return { uid: id, gid: id };
}

/** Links are handed over themselves, never what they point to. */
async function handOver(path: string, id: number): Promise<void> {
  if ((await lstat(path)).isDirectory()) {
    for (const name of await readdir(path)) await handOver(join(path, name), id);
  }
  await lchown(path, id, id);
}
