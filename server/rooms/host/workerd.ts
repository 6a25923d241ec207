/** The command line that serves the rooms. */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { diesWithParent, holdsLock, manyFiles } from "../../launcher/wrappers.ts";
import { API, SOCKET, STORAGE } from "./config.ts";

export interface WorkerdOptions {
  /** absolute path of the project; `dist/rooms` holds bundle and configuration */
  root: string;
  /** absolute path of the data folder */
  data: string;
  /** `http://127.0.0.1:<port>` on which the rooms listen */
  roomsUrl: string;
  /** `http://127.0.0.1:<port>` of the api's internal server, the only address rooms can reach */
  internalUrl: string;
}

/** Exit code when another workerd has the rooms' folder. */
export const ROOMS_FOLDER_BUSY = 75;

/**
 * `workerd serve` under wrappers that each replace themselves with the next, so that the process id stays workerd's:
 * the shell raises the descriptor limit (three per hot room, two per socket), `setpriv` lets the kernel kill workerd
 * with its launcher, and `flock` keeps a second workerd off the same storage for as long as the first one lives.
 */
export function workerdCommand(options: WorkerdOptions): string[] {
  const folder = join(options.data, "rooms");
  const storage = join(folder, "storage");
  mkdirSync(storage, { recursive: true, mode: 0o700 });
  const serve = [
    workerdBinary(),
    "serve",
    join(options.root, "dist/rooms/config.capnp"),
    `--socket-addr=${SOCKET}=${new URL(options.roomsUrl).host}`,
    `--directory-path=${STORAGE}=${storage}`,
    `--external-addr=${API}=${new URL(options.internalUrl).host}`,
  ];
  return [...manyFiles(), ...diesWithParent(), ...holdsLock(join(folder, ".lock"), ROOMS_FOLDER_BUSY), ...serve];
}

/**
 * Path of the native binary. The platform packages are dependencies of their own: the `workerd` package around them names
 * every platform, and one that is missing from a registry makes `npm ci` fail for all.
 */
export function workerdBinary(): string {
  const { platform, arch } = process;
  const name = `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/workerd`);
  } catch {
    throw new Error(
      `The program that serves rooms is missing for this machine (${name}). Atrium runs on Linux, x64 and arm64; run \`npm ci\` without \`--omit=optional\`.`,
    );
  }
}
