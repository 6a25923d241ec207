import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { relativeParts } from "./paths.ts";
import { errnoOf, ToolRefusal } from "./refusal.ts";
import type { Sandbox } from "./sandbox.ts";
import { callTool, temporaryFolder } from "./testing/workbench.ts";

// File tools never use the sandbox; this one would fail if they did.
const NO_SANDBOX: Sandbox = { kind: "none", reason: "not used", users: undefined };

function setUp(): { outside: string; workspace: string } {
  const folder = temporaryFolder();
  const workspace = join(folder, "workspace");
  const outside = join(folder, "outside");
  mkdirSync(workspace);
  mkdirSync(outside);
  writeFileSync(join(outside, "secret.txt"), "secret\n");
  return { outside, workspace };
}

const call = (workspace: string, name: string, input: unknown) => callTool(NO_SANDBOX, workspace, name, input);

describe("relativeParts", () => {
  test.each([
    ["notes.txt", ["notes.txt"]],
    ["./a//b/", ["a", "b"]],
    [".", []],
    ["/workspace/a", ["a"]],
    ["/data/ws/a", ["a"]],
    ["/data/ws", []],
    ["..hidden/...", ["..hidden", "..."]],
    ["..\\..\\etc", ["..\\..\\etc"]], // a backslash is a letter here
    ["%2e%2e/x", ["%2e%2e", "x"]], // and nothing is decoded
  ])("takes %j", (path, parts) => {
    expect(relativeParts(path, "/data/ws")).toEqual(parts);
  });

  test.each([
    "..",
    "../outside/secret.txt",
    "a/../../outside",
    "a/..",
    "/etc/passwd",
    "/data/ws2/x",
    "/workspace2/x",
    "/workspace/../etc/passwd",
    "//etc/passwd",
    "/proc/self/root/etc/passwd",
    "a\0b",
  ])("refuses %j", (path) => {
    expect(() => relativeParts(path, "/data/ws")).toThrow(ToolRefusal);
  });
});

test("names longer than 255 bytes and paths longer than 4,095 are refused", () => {
  for (const path of ["x".repeat(256), "é".repeat(128), `${"a/".repeat(2_048)}b`])
    expect(() => relativeParts(path, "/data/ws")).toThrow(ToolRefusal);
  expect(relativeParts("x".repeat(255), "/data/ws")).toHaveLength(1);
});

describe("links", () => {
  test("a link that leads out is refused by every file tool", async () => {
    const { outside, workspace } = setUp();
    symlinkSync(outside, join(workspace, "folder"));
    symlinkSync(join(outside, "secret.txt"), join(workspace, "file"));
    symlinkSync("../outside/secret.txt", join(workspace, "relative"));
    symlinkSync("/proc/self/root/etc/passwd", join(workspace, "magic"));
    symlinkSync("/proc/self/cwd", join(workspace, "cwd"));
    for (const path of ["folder/secret.txt", "file", "relative", "magic", "cwd/package.json"]) {
      for (const [name, input] of [
        ["read_file", { path }],
        ["write_file", { path, content: "overwritten" }],
        ["edit_file", { path, find: "secret", replace: "overwritten" }],
      ] as const) {
        expect(await call(workspace, name, input), `${name} ${path}`).toMatchObject({
          ok: false,
          output: expect.stringContaining("out of the workspace"),
        });
      }
    }
    for (const path of ["folder", "cwd"]) expect(await call(workspace, "list_files", { path })).toMatchObject({ ok: false });
    expect(await call(workspace, "search_files", { pattern: "secret", path: "folder" })).toMatchObject({ ok: false });
    expect(await call(workspace, "write_file", { path: "folder/new/file", content: "x" })).toMatchObject({ ok: false });
    expect(readFileSync(join(outside, "secret.txt"), "utf8")).toBe("secret\n");
    expect(readdirSync(outside)).toEqual(["secret.txt"]);
  });

  test("a link that stays inside is followed, and a write through it keeps it", async () => {
    const { workspace } = setUp();
    mkdirSync(join(workspace, "real"));
    writeFileSync(join(workspace, "real/a.txt"), "one\n");
    symlinkSync("real", join(workspace, "folder"));
    symlinkSync("real/a.txt", join(workspace, "file"));
    expect(await call(workspace, "read_file", { path: "folder/a.txt" })).toMatchObject({ ok: true, output: "one\n" });
    const written = await call(workspace, "write_file", { path: "file", content: "two\n" });
    expect(written.files).toEqual([{ path: "real/a.txt", op: "changed", added: 1, removed: 1 }]);
    expect(readFileSync(join(workspace, "file"), "utf8")).toBe("two\n");
    expect(execFileSync("readlink", [join(workspace, "file")], { encoding: "utf8" })).toBe("real/a.txt\n");
  });

  test("a link that leads nowhere is not written through", async () => {
    const { outside, workspace } = setUp();
    symlinkSync(join(outside, "new.txt"), join(workspace, "dangling"));
    symlinkSync(join(outside, "new"), join(workspace, "dangling-folder"));
    symlinkSync("loop", join(workspace, "loop"));
    for (const path of ["dangling", "dangling-folder/file", "loop", "loop/file"]) {
      expect(await call(workspace, "write_file", { path, content: "x" }), path).toMatchObject({ ok: false });
    }
    expect(readdirSync(outside)).toEqual(["secret.txt"]);
  });

  test("listing shows links without following them", async () => {
    const { outside, workspace } = setUp();
    symlinkSync(outside, join(workspace, "folder"));
    expect(await call(workspace, "list_files", {})).toMatchObject({ ok: true, output: `folder -> ${outside}` });
  });
});

test("devices, pipes and sockets are refused without being opened", async () => {
  const { workspace } = setUp();
  execFileSync("mkfifo", [join(workspace, "pipe")]);
  symlinkSync("/dev/zero", join(workspace, "zero"));
  for (const path of ["pipe", "zero", "."]) {
    expect(await call(workspace, "read_file", { path }), path).toMatchObject({ ok: false });
    expect(await call(workspace, "write_file", { path, content: "x" }), path).toMatchObject({ ok: false });
  }
});

test("a folder swapped for a link while tools work never lets them out", async () => {
  const { outside, workspace } = setUp();
  mkdirSync(join(workspace, "folder"));
  writeFileSync(join(workspace, "folder/secret.txt"), "harmless\n");
  let swapping = true;
  const swap = (async () => {
    while (swapping) {
      swapFor(join(workspace, "folder"), (path) => symlinkSync(outside, path));
      await new Promise(setImmediate);
      swapFor(join(workspace, "folder"), (path) => {
        mkdirSync(path);
        writeFileSync(join(path, "secret.txt"), "harmless\n");
      });
      await new Promise(setImmediate);
    }
  })();
  const answers = { inside: 0, refused: 0 };
  for (let round = 0; round < 300; round++) {
    const [read] = await Promise.all([
      call(workspace, "read_file", { path: "folder/secret.txt" }),
      call(workspace, "write_file", { path: "folder/written.txt", content: "x" }),
      call(workspace, "edit_file", { path: "folder/secret.txt", find: "secret", replace: "overwritten" }),
      call(workspace, "list_files", { path: "folder" }).then((list) => expect(list.output).not.toContain(outside)),
    ]);
    expect(read.output).not.toContain("secret\n");
    answers[read.ok ? "inside" : "refused"]++;
  }
  swapping = false;
  await swap;
  expect(readFileSync(join(outside, "secret.txt"), "utf8")).toBe("secret\n");
  expect(readdirSync(outside)).toEqual(["secret.txt"]);
  expect(answers.inside).toBeGreaterThan(0); // the race was really run, both ways
  expect(answers.refused).toBeGreaterThan(0);
}, 60_000);

/** The tools make missing folders themselves, so the place may be taken again at any moment. */
function swapFor(path: string, make: (path: string) => void): void {
  try {
    rmSync(path, { recursive: true, force: true });
    make(path);
  } catch (error) {
    if (!["EEXIST", "ENOTEMPTY"].includes(errnoOf(error) ?? "")) throw error;
  }
}
