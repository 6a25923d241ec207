import { z } from "zod";
import { TOOL_LIMITS } from "./limits.ts";
import { count, headOf } from "./output.ts";
import { pin, relativeParts, withRoot } from "./paths.ts";
import { pageRange } from "./pdf/pages.ts";
import { isPdf, readPdf } from "./pdf/read-pdf.ts";
import { ToolRefusal } from "./refusal.ts";
import { readText } from "./text-file.ts";
import type { Tool } from "./tool.ts";

const input = z.strictObject({
  path: z.string().min(1).describe("path of the file, from the top of the workspace"),
  pages: pageRange.optional().describe("of a PDF: one page, `7`, or a range, `3-5`"),
});

export const readFile: Tool<z.infer<typeof input>> = {
  name: "read_file",
  description: `Reads a text file of the workspace, or the text of a PDF's pages. Longer files show their first ${count(TOOL_LIMITS.outputChars)} characters.`,
  input,
  risk: "read",
  repeatable: true,
  async run({ path, pages }, { workspace, signal }) {
    return await withRoot(workspace, async (root) => {
      const pinned = await pin(root, relativeParts(path, workspace));
      try {
        if (await isPdf(pinned)) return await readPdf(pinned, pages, signal);
        if (pages === undefined) return firstPart(await readText(pinned));
      } finally {
        await pinned.handle.close();
      }
      throw new ToolRefusal("wrong_kind", `"${path}" is no PDF, so it has no pages. Read it without them.`);
    });
  },
};

/** A file is cut at its end, not in its middle: what is shown is then contiguous and can be edited. */
function firstPart(text: string): { ok: true; output: string; truncated: boolean } {
  if (text.length <= TOOL_LIMITS.outputChars) return { ok: true, output: text, truncated: false };
  const note = `[Output was cut: the file has ${count(text.length)} characters. Use search_files to find the part you need.]`;
  const shown = headOf(text, TOOL_LIMITS.outputChars - note.length - 2);
  return { ok: true, output: `${shown}\n\n${note}`, truncated: true };
}
