/**
 * The sandbox: what of this machine a command sees, as arguments of bubblewrap.
 *
 * Own network without interfaces but loopback, own processes, own /tmp and home (memory, limited, gone afterwards), programs
 * read-only, a made-up /etc, the workspace at /workspace, and nothing else. Started by root, bubblewrap uses no user namespace
 * (root does not need one) and the command becomes the workspace's user; otherwise a user namespace stands in for root.
 */
import { lstat, readlink } from "node:fs/promises";
import type { Surroundings } from "./environment.ts";
import { commandArgs, dropRightsArgs, FIRST_INPUT, FIRST_PROGRAM, type Launch, limitArgs, YIELD_ARGS } from "./launch.ts";
import { PROCESS_LIMITS } from "./limits.ts";
import { SANDBOX_WORKSPACE } from "./paths.ts";
import { seccompFilter } from "./seccomp.ts";
import type { ToolUser } from "./tool-user.ts";

/** The parts of this machine that are shown inside; found once. */
export interface SystemView {
  /** arguments that mount programs and libraries */
  mounts: string[];
  seccomp: Buffer | undefined;
}

const HOME = "/home/agent";
const NODE = "/opt/node/bin";

export const SANDBOX_SURROUNDINGS: Surroundings = { home: HOME, tmp: "/tmp", programs: [NODE] };

/** User and group inside a user namespace: any but root. */
const NAMESPACE_ID = 1_000;

/** Top-level folders with programs; on most systems all but /usr are links into it. */
const PROGRAM_FOLDERS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** What programs need of /etc to run and to trust certificates. No accounts, no keys, no settings of this machine. */
const SHARED_ETC = [
  "alternatives",
  "ca-certificates",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "mime.types",
  "ssl/certs",
];

export async function systemView(): Promise<SystemView> {
  const mounts = ["--ro-bind", "/usr", "/usr"];
  for (const folder of PROGRAM_FOLDERS) {
    const stats = await lstat(folder).catch(() => undefined); // not every system has every one
    if (stats?.isSymbolicLink()) mounts.push("--symlink", await readlink(folder), folder);
    else if (stats?.isDirectory()) mounts.push("--ro-bind", folder, folder);
  }
  for (const name of SHARED_ETC) mounts.push("--ro-bind-try", `/etc/${name}`, `/etc/${name}`);
  mounts.push("--ro-bind", process.execPath, `${NODE}/node`);
  return { mounts, seccomp: seccompFilter(process.arch) };
}

/** How to run a command of a workspace inside the sandbox. */
export function bubblewrapLaunch(
  view: SystemView,
  workspace: string,
  user: ToolUser | undefined,
  command: readonly string[],
): Launch {
  const inputs: Buffer[] = [];
  const descriptor = (content: Buffer): string => String(FIRST_INPUT + inputs.push(content) - 1);
  const file = (path: string, content: string): string[] => [
    "--perms",
    "0444",
    "--ro-bind-data",
    descriptor(Buffer.from(content)),
    path,
  ];
  const filter = view.seccomp === undefined ? [] : ["--seccomp", descriptor(view.seccomp)];
  const args = [
    ...YIELD_ARGS,
    "bwrap",
    ...namespaces(user),
    // No --new-session: the launch itself is a session without terminal, and until its last step all of it can be killed as a group.
    ...["--die-with-parent", "--hostname", "atrium"],
    ...["/etc", "/etc/ssl", "/home", "/opt", "/opt/node", NODE].flatMap((folder) => ["--perms", "0755", "--dir", folder]),
    ...view.mounts,
    ...Object.entries(madeUpEtc(user)).flatMap(([name, content]) => file(`/etc/${name}`, content)),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...privateFolder("/dev/shm", PROCESS_LIMITS.shmBytes),
    ...["--remount-ro", "/dev"], // it is memory too, and without a limit
    ...privateFolder("/tmp", PROCESS_LIMITS.tmpBytes),
    ...privateFolder(HOME, PROCESS_LIMITS.tmpBytes),
    ...["--bind", workspace, SANDBOX_WORKSPACE],
    ...["--remount-ro", "/"],
    ...filter,
    "--",
    ...dropRightsArgs(user),
    ...limitArgs(),
    ...commandArgs(command, SANDBOX_WORKSPACE),
  ];
  return { file: FIRST_PROGRAM, args, cwd: "/", inputs };
}

function namespaces(user: ToolUser | undefined): string[] {
  const all = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"];
  if (user === undefined) return ["--unshare-user", ...all, "--uid", String(NAMESPACE_ID), "--gid", String(NAMESPACE_ID)];
  // Just enough of root to become another user and to give the rest up.
  return [...all, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"];
}

function privateFolder(path: string, bytes: number): string[] {
  return ["--size", String(bytes), "--perms", "1777", "--tmpfs", path];
}

function madeUpEtc(user: ToolUser | undefined): Record<string, string> {
  const { uid, gid } = user ?? { uid: NAMESPACE_ID, gid: NAMESPACE_ID };
  return {
    passwd: `root:x:0:0:root:/:/usr/sbin/nologin\nagent:x:${uid}:${gid}:agent:${HOME}:/bin/bash\n`,
    group: `root:x:0:\nagent:x:${gid}:\n`,
    hosts: "127.0.0.1 localhost atrium\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  };
}
