import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseRecord, readIfThere, writeDurably } from "./files.ts";
import { ProcessTable } from "./process-table.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "atrium-table-"));

async function sleeper(): Promise<{ pid: number; gone: Promise<unknown> }> {
  const child = spawn("sleep", ["1000"], { stdio: "ignore", detached: true });
  const gone = once(child, "exit");
  await once(child, "spawn");
  return { pid: child.pid ?? 0, gone };
}

describe("the table of processes", () => {
  it("lets the next launcher end what is left, and tells which runners are dead until somebody heard it", async () => {
    const data = folder();
    const { pid, gone } = await sleeper();
    const first = new ProcessTable(data);
    first.started("runner", pid, "rn_one");

    const second = new ProcessTable(data);
    expect(await second.sweep()).toEqual({ killed: ["runner"], deadRunners: ["rn_one"] });
    await gone;
    expect(await new ProcessTable(data).sweep()).toEqual({ killed: [], deadRunners: ["rn_one"] });
    second.settled("rn_one");
    expect(await new ProcessTable(data).sweep()).toEqual({ killed: [], deadRunners: [] });
  });

  it("leaves alone another process that has got the same id", async () => {
    const data = folder();
    const { pid, gone } = await sleeper();
    new ProcessTable(data).started("runner", pid);
    const path = join(data, "processes.json");
    const stored = parseRecord(readIfThere(path));
    writeDurably(path, JSON.stringify({ ...stored, processes: [{ name: "runner", pid, born: "another-boot/1" }] }), 0o600);
    expect((await new ProcessTable(data).sweep()).killed).toEqual([]);
    process.kill(pid, "SIGKILL");
    await gone;
  });

  it("does not stop supervision when it cannot be written", () => {
    const data = folder();
    const table = new ProcessTable(data);
    mkdirSync(join(data, "processes.json", "in the way"), { recursive: true });
    expect(() => table.started("api", process.pid)).not.toThrow();
  });
});
