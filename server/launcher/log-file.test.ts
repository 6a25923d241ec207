import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LogFile } from "./log-file.ts";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "atrium-log-"));
}

describe("a log file", () => {
  it("is rotated by size, keeps the newest files and loses or splits no line", () => {
    const at = folder();
    const log = new LogFile(join(at, "api.log"), { fileBytes: 100, keep: 3 });
    const lines = Array.from({ length: 30 }, (_, i) => `line ${String(i).padStart(3, "0")}\n`);
    // In pieces that end in the middle of lines, as they come out of a pipe.
    const text = lines.join("");
    for (let i = 0; i < text.length; i += 7) log.write(text.slice(i, i + 7));

    expect(readdirSync(at).sort()).toEqual(["api.log", "api.log.1", "api.log.2"]);
    const read = ["api.log.2", "api.log.1", "api.log"].map((name) => readFileSync(join(at, name), "utf8"));
    expect(read.join("")).toBe(text);
    for (const part of read) expect(part.endsWith("\n")).toBe(true);
  });

  it("drops what is older than the files it keeps", () => {
    const at = folder();
    const log = new LogFile(join(at, "api.log"), { fileBytes: 20, keep: 2 });
    for (let i = 0; i < 50; i++) log.write(`line ${String(i).padStart(3, "0")}\n`);
    expect(readdirSync(at).sort()).toEqual(["api.log", "api.log.1", "api.log.2"]);
    expect(readFileSync(join(at, "api.log"), "utf8")).toContain("line 049");
  });

  it("goes on where the last launcher stopped", () => {
    const path = join(folder(), "api.log");
    const first = new LogFile(path);
    first.write("before\n");
    first.close();
    new LogFile(path).write("after\n");
    expect(readFileSync(path, "utf8")).toBe("before\nafter\n");
  });

  it("goes on in the same file while no other can be made", () => {
    const at = folder();
    const path = join(at, "api.log");
    const log = new LogFile(path, { fileBytes: 10, keep: 1 });
    log.write("the first line\n");
    // Something that cannot be replaced stands where the rotated file should go.
    mkdirSync(join(at, "api.log.1", "full"), { recursive: true });
    log.write("the second line\n");
    log.write("the third line\n");
    expect(readFileSync(path, "utf8")).toBe("the first line\nthe second line\nthe third line\n");
  });

  it("does not grow for ever with output that has no line ends", () => {
    const at = folder();
    const log = new LogFile(join(at, "api.log"), { fileBytes: 100, keep: 1 });
    for (let i = 0; i < 100; i++) log.write("x".repeat(10));
    for (const name of readdirSync(at)) expect(readFileSync(join(at, name)).length).toBeLessThanOrEqual(210);
  });
});
