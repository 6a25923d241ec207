/** Workspaces as people browse them: the folder itself where this machine holds it, else the newest versions. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "@hono/zod-openapi";
import type { Client } from "@libsql/client/sqlite3";
import type { Write } from "../../db/write-queue.ts";
import { newId } from "../../party/protocol/ids.ts";
import { id, time } from "../api/fields.ts";
import { openForReading, pin, relativeParts, viaFd, withRoot } from "../tools/paths.ts";
import { asRefusal } from "../tools/refusal.ts";
import type { Files } from "./files.ts";
import { safeName } from "./names.ts";
import type { FileOut } from "./records.ts";
import { newestVersion } from "./versions.ts";

/** entries of one folder that are shown */
const MAX_ENTRIES = 1_000;
const MIB = 1024 * 1024;
/** bytes of a file that is opened from a workspace; larger ones are the operator's to fetch */
export const OPENED_BYTES = 512 * MIB;

export const entryShape = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(["folder", "file", "other"]),
  bytes: z.number().int().optional(),
  at: time.optional(),
  file: id.optional().openapi({ description: "its newest version, when one was kept" }),
});
export type Entry = z.infer<typeof entryShape>;

export const treeShape = z
  .object({
    path: z.string(),
    live: z.boolean().openapi({ description: "false: the folder lies on another machine, and this is what is known of it" }),
    entries: z.array(entryShape),
    truncated: z.boolean(),
  })
  .openapi("WorkspaceFolder");
export type Tree = z.infer<typeof treeShape>;

export type WorkspaceDeps = { read: Client; write: Write; files: Files; dataFolder: string };
export type Workspace = { company: string; agent: string };

function folderOf(dataFolder: string, { company, agent }: Workspace): string {
  return join(dataFolder, "workspaces", company, agent);
}

/** A folder of a workspace; undefined when there is none. */
export async function browse(deps: WorkspaceDeps, workspace: Workspace, path: string): Promise<Tree | undefined> {
  const known = await newestOf(deps.read, workspace);
  const live = await liveEntries(folderOf(deps.dataFolder, workspace), path);
  if (live === undefined) return kept(known, path);
  const entries = live.map((entry) => ({ ...entry, file: known.get(entry.path)?.id }));
  return { path, live: true, entries: sorted(entries).slice(0, MAX_ENTRIES), truncated: entries.length > MAX_ENTRIES };
}

/** Not as a link leads: a workspace's links may point anywhere, and lead nowhere from here. */
async function liveEntries(folder: string, path: string): Promise<Entry[] | undefined> {
  try {
    return await withRoot(folder, async (root) => {
      const pinned = await pin(root, relativeParts(path, folder));
      try {
        if (!pinned.stats.isDirectory()) return undefined;
        const entries = await readdir(viaFd(pinned.handle), { withFileTypes: true });
        return await Promise.all(
          entries.slice(0, MAX_ENTRIES + 1).map(async (entry): Promise<Entry> => {
            const at = [...pinned.parts, entry.name].join("/");
            if (entry.isDirectory()) return { name: entry.name, path: at, kind: "folder" };
            if (!entry.isFile()) return { name: entry.name, path: at, kind: "other" };
            const stats = await lstat(viaFd(pinned.handle, entry.name)).catch(() => undefined);
            return { name: entry.name, path: at, kind: "file", bytes: stats?.size, at: stats?.mtime.toISOString() };
          }),
        );
      } finally {
        await pinned.handle.close();
      }
    });
  } catch (error) {
    if (asRefusal(error)) return undefined;
    throw error;
  }
}

type Newest = Pick<FileOut, "id" | "bytes" | "at">;

/** The newest version of each file that was not removed, by path. */
async function newestOf(read: Client, { company, agent }: Workspace): Promise<ReadonlyMap<string, Newest>> {
  const { rows } = await read.execute({
    sql: `SELECT max(f.id) AS id, f.path, f.op, f.bytes, f.created_at FROM files f
      WHERE f.agent = ? AND f.company = ? AND f.kind = 'version' AND f.deleted_at IS NULL GROUP BY f.path`,
    args: [agent, company],
  });
  return new Map(
    rows
      .filter((row) => row.op !== "removed")
      .map((row) => [String(row.path), { id: String(row.id), bytes: Number(row.bytes), at: String(row.created_at) }]),
  );
}

function kept(known: ReadonlyMap<string, Newest>, path: string): Tree | undefined {
  const under = path === "" ? "" : `${path}/`;
  const entries = new Map<string, Entry>();
  for (const [at, { id: file, bytes, at: time }] of known) {
    if (!at.startsWith(under)) continue;
    const [name = "", ...deeper] = at.slice(under.length).split("/");
    entries.set(
      name,
      deeper.length > 0 ? { name, path: under + name, kind: "folder" } : { name, path: at, kind: "file", bytes, at: time, file },
    );
  }
  if (entries.size === 0 && path !== "") return undefined;
  const all = sorted([...entries.values()]);
  return { path, live: false, entries: all.slice(0, MAX_ENTRIES), truncated: all.length > MAX_ENTRIES };
}

function sorted(entries: Entry[]): Entry[] {
  const rank = ({ kind }: Entry): number => (kind === "folder" ? 0 : 1);
  return entries.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/**
 * A file of the live folder as it is now, kept as a version unless the newest is the same, so that it can be shown like any
 * other. Where the folder is elsewhere, the newest version.
 * @throws {TooLong} past OPENED_BYTES
 */
export async function openInWorkspace(
  deps: WorkspaceDeps,
  workspace: Workspace,
  path: string,
  by: { id: string; name: string },
): Promise<string | undefined> {
  const { read, files } = deps;
  const newest = await newestVersion(read, workspace.agent, path);
  const folder = folderOf(deps.dataFolder, workspace);
  try {
    return await withRoot(folder, async (root) => {
      const pinned = await pin(root, relativeParts(path, folder));
      try {
        const handle = await openForReading(pinned);
        const spooled = await files.spool(handle.createReadStream(), OPENED_BYTES);
        try {
          if (newest?.sha256 === spooled.sha256) return newest.id;
          const at = pinned.parts.join("/");
          const op = newest && newest.op !== "removed" ? "changed" : "added";
          const file = { id: newId("fi"), kind: "version" as const, name: safeName(at), path: at, op, ...workspace } as const;
          return (await files.keep(spooled, { ...file, by: { ...by, kind: "person" } })).id;
        } finally {
          await files.drop(spooled);
        }
      } finally {
        await pinned.handle.close();
      }
    });
  } catch (error) {
    if (!asRefusal(error)) throw error;
    return newest && newest.op !== "removed" ? newest.id : undefined;
  }
}
