import { z } from "zod";
import { execute } from "./execute.ts";
import { TOOL_LIMITS } from "./limits.ts";
import { count, cutText } from "./output.ts";
import { pin, relativeParts, withRoot } from "./paths.ts";
import { ToolRefusal } from "./refusal.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Tool, ToolOutcome } from "./tool.ts";

const input = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .max(TOOL_LIMITS.patternChars)
    .describe("extended regular expression, as for grep -E, matched line by line"),
  path: z.string().min(1).optional().describe("file or folder to search, the whole workspace by default"),
});

/**
 * grep does the matching, in the sandbox and under a time limit, so a pattern that backtracks for ever harms nobody.
 * One line more than is shown tells that there is more; pipefail keeps grep's own exit code (141 when head has had enough).
 */
const SEARCH = `set -o pipefail
grep -rnHIE --devices=skip --exclude-dir=.git --exclude-dir=node_modules -e "$1" -- "$2" | cut -b "1-$3" | head -n "$4"`;

const NO_MATCH = 1;
const CLOSED_PIPE = 141;

/** Searches text files of the workspace. */
export function searchFiles(sandbox: Sandbox): Tool<z.infer<typeof input>> {
  return {
    name: "search_files",
    description: `Searches text files of the workspace for a regular expression and answers path:line:text, at most ${TOOL_LIMITS.searchMatches} lines. .git and node_modules are left out.`,
    input,
    risk: "read",
    repeatable: true,
    async run({ pattern, path = "." }, { workspace, signal }) {
      if (/[\0\n]/.test(pattern))
        throw new ToolRefusal("bad_pattern", "A pattern must not contain a line break or a NUL character.");
      const place = await insidePath(path, workspace);
      const numbers = [TOOL_LIMITS.searchLineBytes, TOOL_LIMITS.searchMatches + 1].map(String);
      const argv = ["bash", "--noprofile", "--norc", "-c", SEARCH, "search", pattern, place, ...numbers];
      const { ending, output } = await execute(sandbox, { argv, workspace, env: {}, timeoutMs: TOOL_LIMITS.searchMs, signal });
      if (ending.kind === "aborted") return { ok: false, output: "The search was stopped because the run was interrupted." };
      if (ending.kind !== "exit")
        return { ok: false, output: `The search was stopped (${ending.kind}). Use a simpler pattern or a smaller folder.` };
      if (ending.code === NO_MATCH && output.text === "") return { ok: true, output: "No line matches." };
      if (ending.code !== 0 && ending.code !== NO_MATCH && ending.code !== CLOSED_PIPE) return partial(output.text);
      return matches(output.text);
    },
  };
}

/** The path as the kernel sees it, with links resolved: what leads out is refused before anything starts. */
async function insidePath(path: string, workspace: string): Promise<string> {
  return await withRoot(workspace, async (root) => {
    const pinned = await pin(root, relativeParts(path, workspace));
    await pinned.handle.close();
    return pinned.parts.length === 0 ? "." : `./${pinned.parts.join("/")}`;
  });
}

/** grep failed on the pattern, or could not read some file but found others. */
function partial(text: string): ToolOutcome {
  const found = text.split("\n").some((line) => /^\.\/.*?:\d+:/.test(line));
  if (found) return matches(text);
  return { ok: false, output: `The search failed. ${text.trim().slice(0, TOOL_LIMITS.searchLineBytes)}` };
}

function matches(text: string): ToolOutcome {
  const lines = text.split("\n").filter((line) => line !== "");
  const more = lines.length > TOOL_LIMITS.searchMatches;
  const shown = lines.slice(0, TOOL_LIMITS.searchMatches).map((line) => line.replace(/^\.\//, ""));
  const note = `\n\n[Output was cut: there are more than ${count(TOOL_LIMITS.searchMatches)} matching lines. Search a smaller folder or a rarer text.]`;
  const cut = cutText(shown.join("\n") + (more ? note : ""));
  return { ok: true, output: cut.text, truncated: cut.truncated || more };
}
