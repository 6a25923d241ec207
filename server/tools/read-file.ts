import { z } from "zod";
import { TOOL_LIMITS } from "./limits.ts";
import { count, headOf } from "./output.ts";
import { pin, relativeParts, withRoot } from "./paths.ts";
import { readText } from "./text-file.ts";
import type { Tool } from "./tool.ts";

const input = z.strictObject({ path: z.string().min(1).describe("path of the file, from the top of the workspace") });

export const readFile: Tool<z.infer<typeof input>> = {
  name: "read_file",
  description: `Reads a text file of the workspace. Longer files show their first ${count(TOOL_LIMITS.outputChars)} characters.`,
  input,
  risk: "read",
  repeatable: true,
  async run({ path }, { workspace }) {
    const text = await withRoot(workspace, async (root) => {
      const pinned = await pin(root, relativeParts(path, workspace));
      try {
        return await readText(pinned);
      } finally {
        await pinned.handle.close();
      }
    });
    return firstPart(text);
  },
};

/** A file is cut at its end, not in its middle: what is shown is then contiguous and can be edited. */
function firstPart(text: string): { ok: true; output: string; truncated: boolean } {
  if (text.length <= TOOL_LIMITS.outputChars) return { ok: true, output: text, truncated: false };
  const note = `[Output was cut: the file has ${count(text.length)} characters. Use search_files to find the part you need.]`;
  const shown = headOf(text, TOOL_LIMITS.outputChars - note.length - 2);
  return { ok: true, output: `${shown}\n\n${note}`, truncated: true };
}
