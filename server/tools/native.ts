/** The tools every agent has. */
import { editFile } from "./edit-file.ts";
import { listFiles } from "./list-files.ts";
import { readFile } from "./read-file.ts";
import type { Sandbox } from "./sandbox.ts";
import { searchFiles } from "./search-files.ts";
import { shell } from "./shell.ts";
import { type AnyTool, anyTool } from "./tool.ts";
import { writeFile } from "./write-file.ts";

/** The native tools, with commands protected as well as this machine allows. */
export function nativeTools(sandbox: Sandbox): AnyTool[] {
  return [
    anyTool(readFile),
    anyTool(writeFile),
    anyTool(editFile),
    anyTool(listFiles),
    anyTool(searchFiles(sandbox)),
    anyTool(shell(sandbox)),
  ];
}
