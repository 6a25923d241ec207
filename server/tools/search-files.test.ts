import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { TOOL_LIMITS } from "./limits.ts";
import type { Sandbox } from "./sandbox.ts";
import { callTool, requireSandbox, temporaryFolder } from "./testing/workbench.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await requireSandbox();
});

const search = (workspace: string, input: { pattern: string; path?: string }) =>
  callTool(sandbox, workspace, "search_files", input);

test("answers path, line and text; leaves out binaries, .git and node_modules", async () => {
  const workspace = temporaryFolder();
  for (const folder of ["src", ".git", "node_modules"]) {
    mkdirSync(join(workspace, folder));
    writeFileSync(join(workspace, folder, "a.ts"), "const one = 1;\nconst two = 2;\n");
  }
  writeFileSync(join(workspace, "binary"), "const two\0");
  expect(await search(workspace, { pattern: "t(w|x)o" })).toEqual({
    ok: true,
    output: "src/a.ts:2:const two = 2;",
    truncated: false,
  });
  expect((await search(workspace, { pattern: "const", path: "src/a.ts" })).output).toBe(
    "src/a.ts:1:const one = 1;\nsrc/a.ts:2:const two = 2;",
  );
  expect(await search(workspace, { pattern: "three" })).toMatchObject({ ok: true, output: "No line matches." });
});

test("patterns and names are never taken for options or commands", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "-v"), "--help $(touch ran) `id`\n");
  expect((await search(workspace, { pattern: "--help" })).output).toBe("-v:1:--help $(touch ran) `id`");
  expect((await search(workspace, { pattern: "touch", path: "-v" })).output).toContain("-v:1:");
  expect((await search(workspace, { pattern: "\\$\\(touch ran\\)" })).ok).toBe(true);
  expect((await callTool(sandbox, workspace, "list_files", {})).output).not.toContain("ran (");
});

test("a bad pattern is answered with what is wrong", async () => {
  expect(await search(temporaryFolder(), { pattern: "((" })).toMatchObject({
    ok: false,
    output: expect.stringContaining("Unmatched ("),
  });
  expect(await search(temporaryFolder(), { pattern: "a\nb" })).toMatchObject({ ok: false });
});

test("more than 200 lines are cut and said so, long lines are shortened", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "many"), "match\n".repeat(100_000));
  const many = await search(workspace, { pattern: "match" });
  expect(many).toMatchObject({
    ok: true,
    truncated: true,
    output: expect.stringContaining("Output was cut: there are more than 200"),
  });
  expect(many.output.split("\n").filter((line) => line.startsWith("many:"))).toHaveLength(TOOL_LIMITS.searchMatches);
  writeFileSync(join(workspace, "many"), `match${"x".repeat(1_000_000)}\n`);
  expect((await search(workspace, { pattern: "match" })).output.length).toBeLessThanOrEqual(TOOL_LIMITS.searchLineBytes);
});

test("a pattern made to take for ever is quick or stopped", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "a"), `${"a".repeat(50_000)}!\n`);
  const start = performance.now();
  await search(workspace, { pattern: "^(a+)+$" });
  await search(workspace, { pattern: "(a|aa)*b\\1" });
  expect(performance.now() - start).toBeLessThan(2 * TOOL_LIMITS.searchMs + 5_000);
}, 60_000);
