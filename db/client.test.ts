import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "./client.ts";

let folder: string;
let umask: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atrium-client-"));
  // As wide as a system may be set up.
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(folder, { recursive: true, force: true });
});

const modes = () => ["", "-wal", "-shm"].map((end) => (statSync(join(folder, `atrium.db${end}`)).mode & 0o777).toString(8));

test("other users of the machine cannot read the database, nor what stands beside it", async () => {
  const database = await openDatabase(folder);
  await database.writer.execute("CREATE TABLE t (x)");
  expect(modes()).toEqual(["600", "600", "600"]);
  database.close();
});

test("a database that came with wider rights loses them", async () => {
  const first = await openDatabase(folder);
  await first.writer.execute("CREATE TABLE t (x)");
  for (const end of ["", "-wal", "-shm"]) chmodSync(join(folder, `atrium.db${end}`), 0o666);
  const again = await openDatabase(folder);
  await again.writer.execute("INSERT INTO t VALUES (1)");
  expect(modes()).toEqual(["600", "600", "600"]);
  again.close();
  first.close();
});
