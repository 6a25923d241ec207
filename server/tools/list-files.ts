import { lstat, readdir, readlink } from "node:fs/promises";
import { z } from "zod";
import { TOOL_LIMITS } from "./limits.ts";
import { count, cutText } from "./output.ts";
import { type Pinned, pin, pinChildFolder, type Root, relativeParts, viaFd, withRoot } from "./paths.ts";
import { errnoOf, ToolRefusal } from "./refusal.ts";
import type { Tool } from "./tool.ts";

/** Folders that are named but not opened: large, and never what is looked for. */
const CLOSED_FOLDERS = new Set([".git", "node_modules"]);

const input = z.strictObject({ path: z.string().min(1).optional().describe("folder to list, the whole workspace by default") });

export const listFiles: Tool<z.infer<typeof input>> = {
  name: "list_files",
  description: `Lists files and folders of the workspace, at most ${count(TOOL_LIMITS.listEntries)} entries and ${TOOL_LIMITS.listDepth} folders deep. .git and node_modules are not opened.`,
  input,
  risk: "read",
  repeatable: true,
  async run({ path = "." }, { workspace }) {
    const listing = await withRoot(workspace, async (root) => {
      const top = await pin(root, relativeParts(path, workspace));
      try {
        if (!top.stats.isDirectory())
          throw new ToolRefusal("wrong_kind", `"${path}" is not a folder. Use read_file to read a file.`);
        return await list(root, top);
      } finally {
        await top.handle.close();
      }
    });
    if (listing.lines.length === 0) return { ok: true, output: "The folder is empty.", truncated: false };
    const shown = cutText(listing.lines.join("\n"));
    const note = listing.cut && `\n\n[The list was cut: ${listing.cut}. List a folder of it to see more.]`;
    return { ok: true, output: cutText(shown.text + (note ?? "")).text, truncated: shown.truncated || listing.cut !== undefined };
  },
};

interface Listing {
  lines: string[];
  /** why entries are missing */
  cut?: string;
}

/** Depth first, by name, so that a folder's content stands below it. */
async function list(root: Root, top: Pinned): Promise<Listing> {
  const listing: Listing = { lines: [] };
  const visit = async (folder: Pinned, depth: number): Promise<void> => {
    const entries = await readdir(viaFd(folder.handle), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (listing.lines.length >= TOOL_LIMITS.listEntries) {
        listing.cut = `it stops after ${count(TOOL_LIMITS.listEntries)} entries`;
        return;
      }
      const path = [...folder.parts, entry.name].join("/");
      const via = viaFd(folder.handle, entry.name);
      if (!entry.isDirectory()) {
        listing.lines.push(await describeEntry(path, via, entry.isSymbolicLink()));
        continue;
      }
      listing.lines.push(`${path}/`);
      if (CLOSED_FOLDERS.has(entry.name)) continue;
      if (depth >= TOOL_LIMITS.listDepth) {
        listing.cut ??= `folders deeper than ${TOOL_LIMITS.listDepth} are not opened`;
        continue;
      }
      await visitChild(folder, entry.name, depth);
    }
  };
  const visitChild = async (folder: Pinned, name: string, depth: number): Promise<void> => {
    let child: Pinned;
    try {
      child = await pinChildFolder(root, folder, name);
    } catch (error) {
      if (isGone(error)) return; // removed, swapped or closed to us while the list was made: its line stays, its content is unknown
      throw error;
    }
    try {
      await visit(child, depth + 1);
    } finally {
      await child.handle.close();
    }
  };
  await visit(top, 0);
  return listing;
}

async function describeEntry(path: string, via: string, link: boolean): Promise<string> {
  try {
    if (link) return `${path} -> ${await readlink(via)}`;
    return `${path} (${count((await lstat(via)).size)} bytes)`;
  } catch (error) {
    if (isGone(error)) return path;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EINVAL"].includes(errnoOf(error) ?? "");
}
