import { lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./testing/workbench.ts";
import { adoptWorkspace, userRange } from "./tool-user.ts";

describe("userRange", () => {
  test("is far from every other user where all numbers exist", () => {
    expect(userRange("         0          0 4294967295\n")).toEqual({ first: 1_879_048_192, count: 268_304_384 });
  });

  test("fits the usual container", () => {
    expect(userRange("0 100000 65536\n")).toEqual({ first: 40_000, count: 20_000 });
  });

  test("is missing where there is no other user to become", () => {
    expect(userRange("0 1000 1\n")).toBeUndefined();
    expect(userRange("0 1000 1\n1 100000 999\n")).toBeUndefined();
  });
});

test.runIf(process.geteuid?.() === 0)(
  "a workspace is handed over once, whole, without touching what its links point to",
  async () => {
    const folder = temporaryFolder();
    const workspace = join(folder, "workspace");
    mkdirSync(join(workspace, "a/b"), { recursive: true });
    writeFileSync(join(workspace, "a/b/c"), "");
    writeFileSync(join(folder, "outside"), "");
    symlinkSync("../outside", join(workspace, "link"));
    const range = { first: 1_879_048_192, count: 1_000 };
    const user = await adoptWorkspace(workspace, range);
    expect(user.uid).toBeGreaterThanOrEqual(range.first);
    expect(user.uid).toBeLessThan(range.first + range.count);
    for (const path of [".", "a", "a/b", "a/b/c", "link"]) expect(lstatSync(join(workspace, path)).uid, path).toBe(user.uid);
    expect(statSync(join(folder, "outside")).uid).toBe(0);
    expect(await adoptWorkspace(workspace, range)).toEqual(user);
  },
);
