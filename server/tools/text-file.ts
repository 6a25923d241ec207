/** Reads and replaces text files inside the workspace. */
import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { TOOL_LIMITS } from "./limits.ts";
import { countLineChanges } from "./line-diff.ts";
import { count } from "./output.ts";
import { giveTo, openForReading, type Pinned, pinFolder, pinIfThere, type Root, requireFile, viaFd } from "./paths.ts";
import { ToolRefusal } from "./refusal.ts";
import type { FileChange } from "./tool.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/**
 * The text of a pinned file.
 * @throws ToolRefusal when it is not a regular file, too large, or not text
 */
export async function readText(pinned: Pinned): Promise<string> {
  const path = pinned.parts.join("/");
  const file = await openForReading(pinned);
  try {
    // One byte more than allowed: the file may grow after its size was looked at.
    const buffer = Buffer.alloc(Math.min(pinned.stats.size, TOOL_LIMITS.fileBytes) + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > TOOL_LIMITS.fileBytes) throw tooLarge(`"${path}" has ${count(pinned.stats.size)} bytes`);
    const bytes = buffer.subarray(0, length);
    if (bytes.includes(0) || !isUtf8(bytes)) {
      throw new ToolRefusal("not_text", `"${path}" is a binary file (${count(length)} bytes). Only UTF-8 text can be read here.`);
    }
    return bytes.toString("utf8");
  } finally {
    await file.close();
  }
}

/**
 * Puts a text in place of a file, or makes it, with its folders. Readers see the old text or the new one, never a part,
 * also when the machine stops in the middle. Keeps the mode of a file that exists; follows links that stay inside.
 */
export async function writeText(root: Root, parts: readonly string[], content: string): Promise<FileChange> {
  if (Buffer.byteLength(content) > TOOL_LIMITS.fileBytes) throw tooLarge("The content is too long");
  const existing = await pinIfThere(root, parts);
  try {
    if (existing !== undefined) requireFile(existing);
    const before = existing === undefined ? "" : await textOrEmpty(existing);
    const target = existing?.parts ?? parts;
    await replace(root, target, content, existing === undefined ? 0o644 : existing.stats.mode & 0o777);
    return change(target.join("/"), existing === undefined ? "added" : "changed", before, content);
  } finally {
    await existing?.handle.close();
  }
}

async function replace(root: Root, parts: readonly string[], content: string, mode: number): Promise<void> {
  const name = parts.at(-1);
  if (name === undefined) throw new ToolRefusal("wrong_kind", "The path names the workspace itself. Name a file in it.");
  const folder = await pinFolder(root, parts.slice(0, -1));
  try {
    const temporary = viaFd(folder.handle, `.atrium-${randomBytes(6).toString("hex")}.tmp`);
    const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(content);
      await giveTo(root.owner, file);
      await file.chmod(mode);
      await file.sync();
      await rename(temporary, viaFd(folder.handle, name));
    } catch (error) {
      await unlink(temporary).catch(() => undefined); // the first error is the one to tell
      throw error;
    } finally {
      await file.close();
    }
  } finally {
    await folder.handle.close();
  }
}

/** A binary or huge file may be replaced too; its lines then count as none. */
async function textOrEmpty(pinned: Pinned): Promise<string> {
  try {
    return await readText(pinned);
  } catch (error) {
    if (error instanceof ToolRefusal && (error.code === "not_text" || error.code === "too_large")) return "";
    throw error;
  }
}

function change(path: string, op: "added" | "changed", before: string, after: string): FileChange {
  const { added, removed, approximate } = countLineChanges(before, after);
  return approximate ? { path, op, added, removed, approximate } : { path, op, added, removed };
}

/** "3 lines added, 1 removed", with "at least" when the counts are lower bounds. */
export function describeChange(change: FileChange): string {
  const lines = `${count(change.added)} ${change.added === 1 ? "line" : "lines"} added, ${count(change.removed)} removed`;
  return change.approximate ? `at least ${lines}` : lines;
}

function tooLarge(what: string): ToolRefusal {
  return new ToolRefusal(
    "too_large",
    `${what}; the limit here is ${count(TOOL_LIMITS.fileBytes)} bytes. Use shell for parts of larger files.`,
  );
}
