import { z } from "zod";
import { relativeParts, withRoot } from "./paths.ts";
import { describeChange, writeText } from "./text-file.ts";
import type { Tool } from "./tool.ts";

const input = z.strictObject({
  path: z.string().min(1).describe("path of the file, from the top of the workspace; missing folders are made"),
  content: z.string().describe("the whole new content"),
});

export const writeFile: Tool<z.infer<typeof input>> = {
  name: "write_file",
  description: "Makes a text file in the workspace, or replaces one completely. To change a part, use edit_file.",
  input,
  risk: "write",
  repeatable: true, // the same content again is the same file
  async run({ path, content }, { workspace }) {
    const change = await withRoot(workspace, (root) => writeText(root, relativeParts(path, workspace), content));
    const verb = change.op === "added" ? "Made" : "Replaced";
    return { ok: true, output: `${verb} ${change.path}: ${describeChange(change)}.`, files: [change] };
  },
};
