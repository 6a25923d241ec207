import { z } from "zod";
import { count } from "./output.ts";
import { pin, relativeParts, withRoot } from "./paths.ts";
import { ToolRefusal } from "./refusal.ts";
import { describeChange, readText, writeText } from "./text-file.ts";
import type { Tool } from "./tool.ts";

const input = z.strictObject({
  path: z.string().min(1).describe("path of the file, from the top of the workspace"),
  find: z.string().min(1).describe("text that occurs exactly once in the file, with its white space"),
  replace: z.string().describe("text to put in its place"),
});

export const editFile: Tool<z.infer<typeof input>> = {
  name: "edit_file",
  description: "Changes one place of a text file in the workspace. The text to find must occur exactly once.",
  input,
  risk: "write",
  repeatable: false, // after the first time the text to find is gone, or found elsewhere
  async run({ path, find, replace }, { workspace }) {
    const change = await withRoot(workspace, async (root) => {
      const pinned = await pin(root, relativeParts(path, workspace));
      try {
        const text = await readText(pinned);
        return await writeText(root, pinned.parts, replaceOnce(text, find, replace, path));
      } finally {
        await pinned.handle.close();
      }
    });
    return { ok: true, output: `Changed ${change.path}: ${describeChange(change)}.`, files: [change] };
  },
};

/** @throws ToolRefusal with the number of occurrences unless it is one */
function replaceOnce(text: string, find: string, replacement: string, path: string): string {
  const occurrences = countOccurrences(text, find);
  if (occurrences === 0) {
    throw new ToolRefusal(
      "no_single_match",
      `The text to find does not occur in "${path}". Read the file and copy the text exactly.`,
    );
  }
  if (occurrences > 1) {
    const message = `The text to find occurs ${count(occurrences)} times in "${path}". Add lines around it until it occurs once.`;
    throw new ToolRefusal("no_single_match", message);
  }
  const at = text.indexOf(find);
  return text.slice(0, at) + replacement + text.slice(at + find.length);
}

/** Overlapping ones too: "aa" stands twice in "aaa", and which one is meant is unclear. */
function countOccurrences(text: string, find: string): number {
  let occurrences = 0;
  for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + 1)) occurrences++;
  return occurrences;
}
