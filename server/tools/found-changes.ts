/**
 * Files that a command changed. A command does not say: the workspace is looked at before and after, and what differs is
 * reported. Bounded, because a workspace may hold anything; what lies beyond the bound is found by the next tool that
 * writes it.
 */
import { lstat, readdir } from "node:fs/promises";
import { TOOL_LIMITS } from "./limits.ts";
import { type Pinned, pin, pinChildFolder, type Root, viaFd, withRoot } from "./paths.ts";
import { errnoOf } from "./refusal.ts";
import type { FileChange } from "./tool.ts";

/** Folders that programs fill for themselves: large, and not what anybody wants to see changed. */
const UNWATCHED = new Set([
  ".git",
  "node_modules",
  ".venv",
  "venv",
  "__pycache__",
  ".cache",
  ".npm",
  ".pnpm-store",
  "target",
  ".tox",
]);
/** Files that our own tools are in the middle of writing. */
const OURS = /^\.atrium-[0-9a-f]+\.tmp$/;

/** Regular files by path, with what changes when their content does. */
export type Glance = { files: ReadonlyMap<string, string>; complete: boolean };

/** Looks at every watched file of a workspace, at most `TOOL_LIMITS.watchedEntries` entries. Links are not followed. */
export async function glance(workspace: string): Promise<Glance> {
  const files = new Map<string, string>();
  let entriesLeft: number = TOOL_LIMITS.watchedEntries;

  const visit = async (root: Root, folder: Pinned): Promise<void> => {
    const entries = await readdir(viaFd(folder.handle), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (entriesLeft-- <= 0) return;
      if (entry.isDirectory()) {
        if (!UNWATCHED.has(entry.name)) await visitChild(root, folder, entry.name);
      } else if (entry.isFile() && !OURS.test(entry.name)) {
        const stats = await lstat(viaFd(folder.handle, entry.name), { bigint: true }).catch(gone);
        // The time of the change of the inode too: a program can set back the other.
        if (stats)
          files.set([...folder.parts, entry.name].join("/"), `${stats.size} ${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs}`);
      }
    }
  };
  const visitChild = async (root: Root, folder: Pinned, name: string): Promise<void> => {
    const child = await pinChildFolder(root, folder, name).catch(gone);
    if (!child) return;
    try {
      await visit(root, child);
    } finally {
      await child.handle.close();
    }
  };

  await withRoot(workspace, async (root) => {
    const top = await pin(root, []);
    try {
      await visit(root, top);
    } finally {
      await top.handle.close();
    }
  });
  return { files, complete: entriesLeft >= 0 };
}

/** What happened between two looks, by path. A file is only said to be gone or new where both looks saw everything. */
export function changesBetween(before: Glance, after: Glance): FileChange[] {
  const whole = before.complete && after.complete;
  const changes: FileChange[] = [];
  const found = (path: string, op: FileChange["op"]): void => {
    changes.push({ path, op, added: 0, removed: 0, uncounted: true });
  };
  for (const [path, mark] of after.files) {
    const known = before.files.get(path);
    if (known === undefined && whole) found(path, "added");
    else if (known !== undefined && known !== mark) found(path, "changed");
  }
  if (whole) for (const path of before.files.keys()) if (!after.files.has(path)) found(path, "removed");
  return changes;
}

/** Removed, swapped or closed to us meanwhile. */
function gone(error: unknown): undefined {
  if (["ENOENT", "ENOTDIR", "ELOOP", "EACCES"].includes(errnoOf(error) ?? "")) return undefined;
  throw error;
}
