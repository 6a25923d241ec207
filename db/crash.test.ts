import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyChain } from "./audit.ts";
import { openTestDatabase } from "./test-database.ts";

const KILLS = 6;

test("what was acknowledged survives a kill -9 at any moment, whole units only", async () => {
  const database = await openTestDatabase();
  const acknowledged: string[] = [];
  for (let round = 0; round < KILLS; round++) {
    acknowledged.push(...(await writeUntilKilled(database.folder, round * 1_000_000, 5 + round * 13)));
    const check = await database.read.execute("PRAGMA integrity_check");
    expect(check.rows[0]?.integrity_check).toBe("ok");
  }
  const stored = (await database.read.execute("SELECT key FROM instance WHERE key <> 'version'")).rows.map((row) =>
    String(row.key),
  );
  const told = (await database.read.execute("SELECT json_extract(payload, '$.text') AS text FROM outbox")).rows;
  const audited = (await database.read.execute("SELECT subject_id FROM activity")).rows;
  expect(acknowledged.length).toBeGreaterThan(KILLS);
  expect(acknowledged.filter((key) => !stored.includes(key))).toEqual([]);
  expect(told.map((row) => row.text).sort()).toEqual([...stored].sort());
  expect(audited.map((row) => row.subject_id).sort()).toEqual([...stored].sort());
  expect(await verifyChain(database.read, "co_1")).toEqual({ ok: true, entries: stored.length });
  database.remove();
});

/** @returns the numbers the child printed before it was killed, after at least `least` of them */
function writeUntilKilled(folder: string, from: number, least: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "crash-child.ts"), folder, String(from)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.split("\n").length > least) child.kill("SIGKILL");
    });
    child.once("error", reject);
    // The last line may be cut by the kill; what has its line end was acknowledged.
    child.once("close", () => resolve(printed.split("\n").slice(0, -1)));
  });
}
