import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changesBetween, glance } from "./found-changes.ts";
import { callTool, requireSandbox, temporaryFolder } from "./testing/workbench.ts";

/** What a piece of work does to a workspace, as `op path`. */
async function changesOf(folder: string, work: () => void): Promise<string[]> {
  const before = await glance(folder);
  work();
  return changesBetween(before, await glance(folder)).map(({ op, path }) => `${op} ${path}`);
}

test("files made, changed and removed are found; what stayed is not", async () => {
  const folder = temporaryFolder();
  for (const name of ["kept.txt", "edited.txt", "removed.txt"]) writeFileSync(join(folder, name), "one");
  const changes = await changesOf(folder, () => {
    mkdirSync(join(folder, "deep/er"), { recursive: true });
    writeFileSync(join(folder, "deep/er/new.txt"), "new");
    writeFileSync(join(folder, "edited.txt"), "two");
    rmSync(join(folder, "removed.txt"));
  });
  expect(changes.sort()).toEqual(["added deep/er/new.txt", "changed edited.txt", "removed removed.txt"]);
});

test("a change of the same length with its time set back is found", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a.txt");
  writeFileSync(path, "one");
  const { atime, mtime } = statSync(path);
  const changes = await changesOf(folder, () => {
    writeFileSync(path, "two");
    utimesSync(path, atime, mtime);
  });
  expect(changes).toEqual(["changed a.txt"]);
});

test("folders that programs fill for themselves are not looked into, and links are not followed", async () => {
  const [folder, outside] = [temporaryFolder(), temporaryFolder()];
  mkdirSync(join(folder, "node_modules/x"), { recursive: true });
  symlinkSync(outside, join(folder, "out"));
  const changes = await changesOf(folder, () => {
    writeFileSync(join(folder, "node_modules/x/index.js"), "1");
    writeFileSync(join(outside, "secret.txt"), "1");
  });
  expect(changes).toEqual([]);
});

test("of more files than are watched nobody says that one is new or gone", () => {
  const before = { files: new Map([["a", "1"]]), complete: false };
  const after = { files: new Map([["b", "1"]]), complete: true };
  expect(changesBetween(before, after)).toEqual([]);
});

test("a command reports the files it changed", async () => {
  const folder = temporaryFolder();
  const outcome = await callTool(await requireSandbox(), folder, "shell", { command: "echo hi > report.txt; exit 3" });
  expect(outcome).toMatchObject({
    ok: false,
    exitCode: 3,
    files: [{ path: "report.txt", op: "added", uncounted: true }],
  });
});
