import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TOOL_LIMITS } from "./limits.ts";
import { nativeTools } from "./native.ts";
import type { Sandbox } from "./sandbox.ts";
import { callTool, temporaryFolder } from "./testing/workbench.ts";
import { adoptWorkspace, ownUserRange } from "./tool-user.ts";

const NO_SANDBOX: Sandbox = { kind: "none", reason: "not used", users: undefined };
const call = (workspace: string, name: string, input: unknown) => callTool(NO_SANDBOX, workspace, name, input);

test("write, read, edit and list tell one story", async () => {
  const workspace = temporaryFolder();
  const made = await call(workspace, "write_file", { path: "notes/todo.md", content: "one\ntwo\nthree\n" });
  expect(made).toEqual({
    ok: true,
    output: "Made notes/todo.md: 3 lines added, 0 removed.",
    files: [{ path: "notes/todo.md", op: "added", added: 3, removed: 0 }],
  });
  const edited = await call(workspace, "edit_file", { path: "notes/todo.md", find: "two", replace: "2\n2.5" });
  expect(edited.files).toEqual([{ path: "notes/todo.md", op: "changed", added: 2, removed: 1 }]);
  expect(await call(workspace, "read_file", { path: "notes/todo.md" })).toMatchObject({
    ok: true,
    output: "one\n2\n2.5\nthree\n",
  });
  expect(await call(workspace, "list_files", {})).toMatchObject({ ok: true, output: "notes/\nnotes/todo.md (16 bytes)" });
  expect(readdirSync(join(workspace, "notes"))).toEqual(["todo.md"]); // no temporary file stays
});

test("writing the same again is a change of nothing", async () => {
  const workspace = temporaryFolder();
  await call(workspace, "write_file", { path: "a", content: "x\n" });
  expect(await call(workspace, "write_file", { path: "a", content: "x\n" })).toMatchObject({
    files: [{ op: "changed", added: 0, removed: 0 }],
  });
});

test("a file that is replaced keeps its mode", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "run.sh"), "#!/bin/sh\n");
  chmodSync(join(workspace, "run.sh"), 0o755);
  await call(workspace, "write_file", { path: "run.sh", content: "#!/bin/sh\necho\n" });
  expect(statSync(join(workspace, "run.sh")).mode & 0o777).toBe(0o755);
});

test("edit_file says how often the text occurs unless it is once", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "a"), "aaa $& b\n");
  expect((await call(workspace, "edit_file", { path: "a", find: "z", replace: "" })).output).toContain("does not occur");
  expect((await call(workspace, "edit_file", { path: "a", find: "aa", replace: "" })).output).toContain("occurs 2 times");
  expect((await call(workspace, "edit_file", { path: "a", find: "b", replace: "$&" })).ok).toBe(true);
  expect(readFileSync(join(workspace, "a"), "utf8")).toBe("aaa $& $&\n");
});

test("what is missing, a folder or not a folder is said plainly", async () => {
  const workspace = temporaryFolder();
  mkdirSync(join(workspace, "folder"));
  writeFileSync(join(workspace, "file"), "");
  expect((await call(workspace, "read_file", { path: "nothing" })).output).toContain("no such file");
  expect((await call(workspace, "read_file", { path: "folder" })).output).toContain("is a folder");
  expect((await call(workspace, "write_file", { path: "file/below", content: "" })).output).toContain("is a file, not a folder");
  expect((await call(workspace, "list_files", { path: "file" })).output).toContain("not a folder");
  expect((await call(workspace, "list_files", { path: "folder" })).output).toBe("The folder is empty.");
});

test("binary files are refused, empty ones are not", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "nul"), "text\0text");
  writeFileSync(join(workspace, "latin1"), Buffer.from([0x63, 0x61, 0x66, 0xe9]));
  writeFileSync(join(workspace, "empty"), "");
  expect(await call(workspace, "read_file", { path: "nul" })).toMatchObject({
    ok: false,
    output: expect.stringContaining("binary"),
  });
  expect(await call(workspace, "read_file", { path: "latin1" })).toMatchObject({
    ok: false,
    output: expect.stringContaining("binary"),
  });
  expect(await call(workspace, "read_file", { path: "empty" })).toMatchObject({ ok: true, output: "" });
  expect(await call(workspace, "write_file", { path: "nul", content: "text\n" })).toMatchObject({ ok: true });
});

test("a long file is cut at its end and says so; a larger one is refused", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "long"), `first\n${"😀".repeat(40_000)}`);
  const long = await call(workspace, "read_file", { path: "long" });
  expect(long).toMatchObject({
    ok: true,
    truncated: true,
    output: expect.stringMatching(/^first\n.*Output was cut: the file has 80,006 characters/s),
  });
  expect(long.output.length).toBeLessThanOrEqual(TOOL_LIMITS.outputChars);
  expect(Buffer.from(long.output).toString()).toBe(long.output); // no half of a character at the cut
  writeFileSync(join(workspace, "huge"), Buffer.alloc(TOOL_LIMITS.fileBytes + 1, "x"));
  expect(await call(workspace, "read_file", { path: "huge" })).toMatchObject({
    ok: false,
    output: expect.stringContaining("2,097,153 bytes"),
  });
  const content = "x".repeat(TOOL_LIMITS.fileBytes + 1);
  expect(await call(workspace, "write_file", { path: "new", content })).toMatchObject({ ok: false });
});

test("list_files stops at its limits and says so", async () => {
  const wide = temporaryFolder();
  for (let i = 0; i < TOOL_LIMITS.listEntries + 1; i++) writeFileSync(join(wide, `file-${i}`), "");
  const list = await call(wide, "list_files", {});
  expect(list).toMatchObject({ ok: true, truncated: true, output: expect.stringContaining("it stops after 1,000 entries") });
  const deep = temporaryFolder();
  mkdirSync(join(deep, "d/".repeat(TOOL_LIMITS.listDepth + 2)), { recursive: true });
  expect((await call(deep, "list_files", {})).output).toContain("folders deeper than 8 are not opened");
  const closed = temporaryFolder();
  mkdirSync(join(closed, "node_modules/package"), { recursive: true });
  expect((await call(closed, "list_files", {})).output).toBe("node_modules/");
});

test.runIf(process.geteuid?.() === 0)("what root writes belongs to the workspace's user", async () => {
  const workspace = temporaryFolder();
  const range = await ownUserRange();
  if (range === undefined) throw new Error("root without users to become");
  const user = await adoptWorkspace(workspace, range);
  await call(workspace, "write_file", { path: "a/b/c.txt", content: "x" });
  for (const path of ["a", "a/b", "a/b/c.txt"]) expect(statSync(join(workspace, path)).uid, path).toBe(user.uid);
});

test("arguments that do not fit are refused with the field, and models get a schema", () => {
  const tools = nativeTools(NO_SANDBOX);
  const named = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
  expect(named.write_file?.parse({ path: "a" })).toMatchObject({ ok: false, message: expect.stringContaining("content") });
  expect(named.read_file?.parse({ path: "a", extra: 1 })).toMatchObject({ ok: false });
  expect(named.shell?.parse({ command: "true", timeoutMs: 600_001 })).toMatchObject({ ok: false });
  expect(named.read_file?.inputSchema).toMatchObject({ type: "object", required: ["path"], additionalProperties: false });
  expect(tools.map(({ name, risk, repeatable }) => [name, risk, repeatable])).toEqual([
    ["read_file", "read", true],
    ["write_file", "write", true],
    ["edit_file", "write", false],
    ["list_files", "read", true],
    ["search_files", "read", true],
    ["shell", "outward", false],
  ]);
});
