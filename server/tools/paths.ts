/**
 * Confines file tools to the workspace.
 *
 * A name is looked up once, by the kernel, into a descriptor that only points (O_PATH: nothing is opened for real, so a
 * device or a pipe cannot react). Where that descriptor ended up is then read back from /proc/self/fd and must lie inside
 * the workspace. All work goes through the descriptor, so a folder swapped for a link between check and use changes nothing.
 * Links that stay inside are followed; links that lead out are refused.
 */
import type { Stats } from "node:fs";
import { constants } from "node:fs";
import { chown, type FileHandle, lstat, mkdir, open, readlink } from "node:fs/promises";
import { TOOL_LIMITS } from "./limits.ts";
import { errnoOf, ToolRefusal } from "./refusal.ts";

/** From fcntl.h, the same on x86-64 and arm64; Node does not name it. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_RDONLY } = constants;

/** Where the sandbox shows the workspace; paths below it are accepted by the file tools too. */
export const SANDBOX_WORKSPACE = "/workspace";

/** A workspace held open for one call. */
export interface Root {
  handle: FileHandle;
  /** absolute, without links */
  path: string;
  owner: { uid: number; gid: number };
}

/** An entry inside the workspace, pinned by a descriptor. */
export interface Pinned {
  handle: FileHandle;
  /** real parts below the workspace, links resolved */
  parts: string[];
  stats: Stats;
}

/**
 * The parts of a path given by a model, relative to the workspace; `[]` is the workspace itself.
 * @throws ToolRefusal when the path is absolute outside, climbs, or cannot be a name
 */
export function relativeParts(path: string, workspace: string): string[] {
  if (path.includes("\0")) throw new ToolRefusal("bad_path", "A path must not contain a NUL character.");
  if (Buffer.byteLength(path) > TOOL_LIMITS.pathBytes)
    throw new ToolRefusal("bad_path", "The path is too long. Choose a shorter one.");
  const base = [workspace, SANDBOX_WORKSPACE].find((root) => path === root || path.startsWith(`${root}/`));
  const relative = base === undefined ? path : path.slice(base.length + 1);
  if (relative.startsWith("/")) throw outside(path);
  const parts = relative.split("/").filter((part) => part !== "" && part !== ".");
  for (const part of parts) {
    if (part === "..")
      throw new ToolRefusal("outside_workspace", `"${path}" contains "..". Name the path from the top of the workspace.`);
    if (Buffer.byteLength(part) > TOOL_LIMITS.nameBytes)
      throw new ToolRefusal("bad_path", "A name in the path is longer than 255 bytes.");
  }
  return parts;
}

/** Opens the workspace, gives it to `use`, and closes it. */
export async function withRoot<T>(workspace: string, use: (root: Root) => Promise<T>): Promise<T> {
  const handle = await open(workspace, O_PATH | O_DIRECTORY);
  try {
    const { uid, gid } = await handle.stat();
    return await use({ handle, path: await placeOf(handle), owner: { uid, gid } });
  } finally {
    await handle.close();
  }
}

/**
 * Pins what a path leads to. The caller closes the handle.
 * @throws ToolRefusal when it leads out of the workspace; the system's error when it does not exist
 */
export async function pin(root: Root, parts: readonly string[]): Promise<Pinned> {
  return await pinAt(root, viaFd(root.handle, parts.join("/")), O_PATH, parts);
}

/** Like {@link pin}, and undefined where nothing is. A link to nowhere is refused: a write through it would land anywhere. */
export async function pinIfThere(root: Root, parts: readonly string[]): Promise<Pinned | undefined> {
  try {
    return await pin(root, parts);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  const link = await lstat(viaFd(root.handle, parts.join("/"))).catch(() => undefined);
  if (link?.isSymbolicLink()) throw new ToolRefusal("not_found", `"${parts.join("/")}" is a link that leads nowhere.`);
  return undefined;
}

/** Pins a child of a pinned folder, never through a link: for walks. */
export async function pinChildFolder(root: Root, folder: Pinned, name: string): Promise<Pinned> {
  return await pinAt(root, viaFd(folder.handle, name), O_PATH | O_DIRECTORY | O_NOFOLLOW, [...folder.parts, name]);
}

/** Pins a folder and makes what is missing of it, each new part owned by the workspace's owner. */
export async function pinFolder(root: Root, parts: readonly string[]): Promise<Pinned> {
  let folder = await pin(root, []);
  for (const name of parts) {
    const parent = folder;
    try {
      folder = await pinOrMakeFolder(root, parent, name);
    } finally {
      await parent.handle.close();
    }
  }
  return folder;
}

async function pinOrMakeFolder(root: Root, parent: Pinned, name: string): Promise<Pinned> {
  const path = viaFd(parent.handle, name);
  try {
    return await pinAt(root, path, O_PATH | O_DIRECTORY, [...parent.parts, name]);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
  await mkdir(path, 0o755).catch((error: unknown) => {
    if (errnoOf(error) !== "EEXIST") throw error; // another call was quicker
  });
  const made = await pinChildFolder(root, parent, name);
  await giveTo(root.owner, made.handle);
  return made;
}

/** Opens a pinned regular file for reading. The caller closes the handle. */
export async function openForReading(pinned: Pinned): Promise<FileHandle> {
  requireFile(pinned);
  return await open(viaFd(pinned.handle), O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

/** @throws ToolRefusal unless the entry is a regular file: folders, devices, pipes and sockets are not read or written */
export function requireFile(pinned: Pinned): void {
  const path = pinned.parts.join("/");
  if (pinned.stats.isDirectory())
    throw new ToolRefusal("wrong_kind", `"${path}" is a folder. Use list_files to see what is in it.`);
  if (!pinned.stats.isFile()) throw new ToolRefusal("wrong_kind", `"${path}" is a device, pipe or socket, not a file.`);
}

/** The path of an open descriptor, and of something below it. Follows the descriptor, not the name it once had. */
export function viaFd(handle: FileHandle, below = ""): string {
  return below === "" ? `/proc/self/fd/${handle.fd}` : `/proc/self/fd/${handle.fd}/${below}`;
}

/** Hands what root made to the workspace's owner; without root everything already is. */
export async function giveTo(owner: { uid: number; gid: number }, handle: FileHandle): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  await chown(viaFd(handle), owner.uid, owner.gid); // fchown refuses an O_PATH descriptor
}

async function pinAt(root: Root, path: string, flags: number, asked: readonly string[]): Promise<Pinned> {
  const handle = await open(path, flags);
  try {
    const place = await placeOf(handle);
    if (place !== root.path && !place.startsWith(`${root.path}/`)) throw outside(asked.join("/"));
    const parts = place === root.path ? [] : place.slice(root.path.length + 1).split("/");
    return { handle, parts, stats: await handle.stat() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function placeOf(handle: FileHandle): Promise<string> {
  return await readlink(viaFd(handle));
}

function outside(path: string): ToolRefusal {
  return new ToolRefusal(
    "outside_workspace",
    `"${path}" leads out of the workspace. Only files inside the workspace can be used.`,
  );
}
