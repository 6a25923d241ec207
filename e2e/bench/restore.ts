/** How long a backup of a large instance takes, and its restore, as commands at a terminal. */
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../db/client.ts";
import { migrate, readMigrations } from "../../db/migrate.ts";
import { atrium } from "../harness/cli.ts";
import { ROOT } from "../harness/instance.ts";
import type { Benchmark, Figure } from "./figure.ts";

const MIB = 1024 * 1024;
/** A gibibyte, shared out as a busy team's instance has it. */
const SHARES = { database: 400, rooms: 100, files: 300, workspaces: 224 } as const;
const ROOMS = 200;
const FILES = 300;
const WORKSPACE_FILES = 7_000;
/** bytes of an archived event with its text */
const EVENT_BYTES = 4_096;
/** the promise, ms */
const RESTORE_MS = 120_000;

export const restoring: Benchmark = {
  name: "restore",
  about: "a backup of an instance of 1 GiB and its restore, both with every sum compared",
  async run({ repeat, say }) {
    const place = mkdtempSync(join(tmpdir(), "atrium-bench-"));
    try {
      say("making an instance of 1 GiB");
      const data = join(place, "data");
      await fill(data);
      const figures = { create: [] as number[], restore: [] as number[], copy: [] as number[] };
      for (let i = 0; i < repeat; i++) {
        const backup = join(place, `backup-${i}.tar`);
        figures.create.push(await timed(() => run(data, ["backup", "create", "--to", backup, "--with-key"])));
        const to = join(place, "restored");
        figures.restore.push(await timed(() => run(to, ["restore", backup])));
        figures.copy.push(await timed(async () => copyFileSync(backup, join(place, "copy"))));
        say(`${Math.round(statSync(backup).size / MIB)} MiB`);
        for (const path of [backup, to, join(place, "copy")]) rmSync(path, { recursive: true, force: true });
      }
      const floor = { what: "a copy of the file", samples: figures.copy };
      const found: Figure[] = [
        { what: "backup create", unit: "ms", samples: figures.create, floor },
        { what: "restore", unit: "ms", samples: figures.restore, goal: { most: RESTORE_MS }, floor },
      ];
      return found;
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  },
};

async function run(data: string, args: string[]): Promise<void> {
  const { code, err } = await atrium(data, args);
  if (code !== 0) throw new Error(`atrium ${args.join(" ")} ended with ${code}: ${err}`);
}

/** ms */
async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** A data folder with as much in it as `SHARES` says, in the sizes real ones have. */
async function fill(data: string): Promise<void> {
  const records = await openDatabase(data);
  await migrate(records, readMigrations(join(ROOT, "db/migrations")), new Date());
  records.close();
  insertEvents(join(data, "atrium.db"), (SHARES.database * MIB) / EVENT_BYTES);
  const rooms = join(data, "rooms/storage/-agentDO");
  mkdirSync(rooms, { recursive: true });
  for (let i = 0; i < ROOMS; i++) {
    const room = new DatabaseSync(join(rooms, `${randomBytes(32).toString("hex")}.sqlite`));
    room.exec("PRAGMA journal_mode = WAL; CREATE TABLE _cf_KV (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID");
    room.exec(`INSERT INTO _cf_KV VALUES ('log', randomblob(${Math.floor((SHARES.rooms * MIB) / ROOMS)}))`);
    room.close();
  }
  writeMany(join(data, "files/co_1"), FILES, SHARES.files * MIB);
  writeMany(join(data, "workspaces/co_1/ag_1"), WORKSPACE_FILES, SHARES.workspaces * MIB);
  mkdirSync(join(data, "secrets"), { recursive: true });
  writeFileSync(join(data, "secrets/vault.key"), `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  writeFileSync(join(data, "generation"), "1\n");
}

function insertEvents(path: string, count: number): void {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  database.exec(`
    PRAGMA synchronous = OFF;
    WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ${Math.floor(count)})
    INSERT INTO room_events (room_party, room, epoch, seq, company, type, at, json)
    SELECT 'agent', 'ag_1', 'e', seq, 'co_1', 'log', '2026-01-01T00:00:00.000Z', hex(randomblob(${EVENT_BYTES / 2})) FROM n`);
  database.close();
}

function writeMany(folder: string, count: number, bytes: number): void {
  mkdirSync(folder, { recursive: true });
  const content = randomBytes(Math.floor(bytes / count));
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `file-${i}`), content);
}
