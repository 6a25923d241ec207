import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { BUILD_PARTS } from "./messages.ts";
import { fingerprint, staleParts, stampPart } from "./stamp.ts";

let root: string;

function write(path: string, text = "x"): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "atrium-stamp-"));
  for (const path of ["app/main.tsx", "server/api/main.ts", "party/host.ts", "package-lock.json"]) write(path);
  for (const path of ["rooms/worker.js", "rooms/config.capnp", "server/api.js", "server/runner.js", "app/index.html"])
    write(`dist/${path}`);
  for (const part of BUILD_PARTS) stampPart(root, part, fingerprint(root, part));
});

describe("the build", () => {
  it("is skipped for an unchanged tree", () => {
    expect(staleParts(root)).toEqual([]);
  });

  it.each([
    ["app/main.tsx", ["app"]],
    ["server/api/new.ts", ["server"]],
    ["party/host.ts", ["rooms", "server", "app"]],
    ["skills/skill-file.ts", ["server", "app"]],
    ["skills/rehearse-a-file/SKILL.md", ["app"]],
    ["package-lock.json", ["rooms", "server", "app"]],
    ["server/api/main.test.ts", []],
    ["db/migrations/0001.sql", []],
  ])("after a change of %s makes %j", (path, parts) => {
    write(path, "changed");
    expect(staleParts(root)).toEqual(parts);
  });

  it("repeats what somebody removed", () => {
    rmSync(join(root, "dist/server/runner.js"));
    expect(staleParts(root)).toEqual(["server"]);
  });
});
