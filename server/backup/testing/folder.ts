/** A data folder of an instance that does not run, with something of everything, and backups of it. */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { INSTANCE_CHAIN } from "../../../db/audit.ts";
import { openDatabase } from "../../../db/client.ts";
import { migrate, readMigrations } from "../../../db/migrate.ts";
import { WriteQueue } from "../../../db/write-queue.ts";
import { ROOMS_FORMAT } from "../../../party/protocol/rooms-format.ts";
import { type Created, type CreateOptions, createBackup } from "../create.ts";
import { type Restored, type RestoreOptions, restoreBackup } from "../restore.ts";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const NOW = new Date("2026-11-20T12:00:00.000Z");
/** A name no plain header of a tar file can hold. */
export const LONG_NAME = `${"deep/".repeat(30)}Grüße an alle 🎉.txt`;

export class TestFolder {
  readonly place = mkdtempSync(join(tmpdir(), "atrium-backup-"));
  readonly data = join(this.place, "data");
  readonly key = randomBytes(32).toString("base64url");

  static async make(): Promise<TestFolder> {
    const folder = new TestFolder();
    const { data } = folder;
    for (const name of ["secrets", "rooms/storage/-agentDO", "files/co_1", "workspaces/co_1/ag_1", "logs", "uploads"])
      mkdirSync(join(data, name), { recursive: true, mode: 0o700 });
    folder.write("secrets/vault.key", `${folder.key}\n`);
    folder.write("secrets/rooms.key", "of this life only\n");
    folder.write("secrets/push.key", "for the phones\n");
    folder.write("generation", "3\n");
    folder.write("atrium.yaml", "port: 4000\n");
    folder.write(".env", `ATRIUM_VAULT_KEY=${folder.key}\n`);
    folder.write("files/co_1/blob", "bytes of a file");
    folder.write("uploads/half", "never finished");
    folder.write("logs/api.log", "a line");
    folder.write(`workspaces/co_1/ag_1/${LONG_NAME}`, "hello");
    folder.write("workspaces/co_1/ag_1/run.sh", "#!/bin/sh\n");
    chmodSync(join(data, "workspaces/co_1/ag_1/run.sh"), 0o750);
    symlinkSync("../../../../secrets/vault.key", join(data, "workspaces/co_1/ag_1/link"));
    const room = new DatabaseSync(join(data, "rooms/storage/-agentDO/room.sqlite"));
    room.exec("PRAGMA journal_mode = WAL; CREATE TABLE kept (n INTEGER); INSERT INTO kept VALUES (7)");
    room.close();
    await folder.#fillDatabase();
    return folder;
  }

  /** Writes a file below the data folder, with the folders above it. */
  write(path: string, text: string): void {
    const full = join(this.data, path);
    mkdirSync(join(full, ".."), { recursive: true });
    writeFileSync(full, text, { mode: 0o600 });
  }

  backup(change: Partial<CreateOptions> = {}): Promise<Created> {
    return createBackup({
      data: this.data,
      to: join(this.place, "backup.tar"),
      version: "1.2.3",
      generation: 3,
      roomsFormat: ROOMS_FORMAT,
      key: this.key,
      withKey: false,
      filesElsewhere: undefined,
      progress: () => {},
      ...change,
    });
  }

  restore(change: Partial<RestoreOptions> = {}): Promise<Restored> {
    return restoreBackup({
      file: join(this.place, "backup.tar"),
      to: join(this.place, "restored"),
      force: false,
      given: { from: "the test", key: this.key },
      atHand: [],
      withoutKey: false,
      root: ROOT,
      version: "1.2.3",
      now: NOW,
      progress: () => {},
      ...change,
    });
  }

  remove(): void {
    rmSync(this.place, { recursive: true, force: true });
  }

  async #fillDatabase(): Promise<void> {
    const database = await openDatabase(this.data);
    await migrate(database, readMigrations(join(ROOT, "db/migrations")), NOW);
    const queue = new WriteQueue(database.writer, { generation: 3, clock: { now: () => NOW.getTime() }, onOutbox: () => {} });
    await queue.write(
      ({ now, activity }) => [
        {
          sql: "INSERT INTO users (id, email, name, timezone, password_hash, created_at) VALUES ('u_1', 'ana@example.com', 'Ana', 'UTC', 'none', ?)",
          args: [now],
        },
        {
          sql: "INSERT INTO auth_sessions (id_hash, user, device, created_at, expires_at) VALUES ('h', 'u_1', 'A browser', ?, ?)",
          args: [now, now],
        },
        activity({
          chain: INSTANCE_CHAIN,
          actor: { id: "u_1", name: "Ana", kind: "person" },
          action: "account.created",
          subject: { kind: "person", id: "u_1" },
        }),
      ],
      { chains: [INSTANCE_CHAIN] },
    );
    await queue.close();
    database.close();
  }
}
