/** Opens everything the routes work with, in order, and closes it in the opposite one. */
import type { Agent } from "node:https";
import { join } from "node:path";
import type { Logger } from "pino";
import { type Database, openDatabase } from "../../db/client.ts";
import { type MigrationReport, migrate, readMigrations } from "../../db/migrate.ts";
import { WriteQueue } from "../../db/write-queue.ts";
import { Challenges } from "../auth/challenges.ts";
import { createPasswords, type Passwords } from "../auth/passwords.ts";
import { createSessions } from "../auth/sessions.ts";
import { openFiles } from "../files/files.ts";
import { createMailer } from "../mail/mailer.ts";
import { mailOutbox } from "../mail/outbox.ts";
import { smtpTransport } from "../mail/transport.ts";
import { createNotifier } from "../notify/notifier.ts";
import { createRoomClient } from "../rooms/client/client.ts";
import { outboxTable } from "../rooms/client/outbox-table.ts";
import { createVault } from "../secrets/vault.ts";
import { watchDisk } from "./disk.ts";
import type { Clock, Secrets, Services } from "./services.ts";
import type { Settings } from "./settings.ts";
import { createWorkspaceBin } from "./workspace-bin.ts";

export type OpenOptions = {
  settings: Settings;
  secrets: Secrets;
  log: Logger;
  clock?: Clock;
  /** tests hash with a lower cost */
  passwords?: Passwords;
  /** bytes free in a folder; a test gives its own disk */
  freeSpace?: (folder: string) => Promise<number>;
  /** how to reach push services; tests bring their own certificate */
  pushAgent?: Agent;
  /** ms a request waits for a room's answer; tests, whose rooms are away, do not wait for long */
  roomAnswerMs?: number;
};

export type Opened = { services: Services; migration: MigrationReport; close(): Promise<void> };

/** @throws {MigrationRefused} the database is not one this version may touch */
export async function openServices(options: OpenOptions): Promise<Opened> {
  const { settings, secrets, log, clock = Date } = options;
  const database = await openDatabase(settings.dataFolder, settings.database);
  const migration = await migrateOrClose(database, settings);
  const queue = new WriteQueue(database.writer, {
    generation: settings.generation,
    clock,
    onOutbox: () => rooms.kickOutbox(),
  });
  const rooms = createRoomClient({
    url: settings.roomsUrl,
    secret: secrets.rooms,
    store: outboxTable(database.read, queue.write),
    log,
    now: () => clock.now(),
    answerMs: options.roomAnswerMs,
  });
  const disk = await watchDisk({
    folder: settings.dataFolder,
    minFreeBytes: settings.minFreeBytes,
    log,
    free: options.freeSpace,
  });
  const bin = createWorkspaceBin(settings.dataFolder, log);
  const vault = createVault(secrets.vault);
  const mail = createMailer({
    outbox: mailOutbox(database.read, queue.write, vault),
    write: queue.write,
    transport: settings.mail && smtpTransport(settings.mail),
    clock,
    log,
  });
  const notify = createNotifier({
    read: database.read,
    write: queue.write,
    vault,
    mail,
    clock,
    log,
    origin: settings.address,
    contact: settings.pushContact,
    agent: options.pushAgent,
  });
  const files = await openFiles({
    dataFolder: settings.dataFolder,
    settings: settings.files,
    read: database.read,
    write: queue.write,
    log,
    now: () => clock.now(),
  });
  const services: Services = {
    db: database.db,
    read: database.read,
    write: queue.write,
    rooms,
    clock,
    log,
    settings,
    secrets,
    vault,
    disk,
    bin,
    files,
    passwords: options.passwords ?? createPasswords(),
    sessions: createSessions(database.read, queue.write, log),
    challenges: new Challenges(() => clock.now()),
    mail,
    notify,
  };
  return {
    services,
    migration,
    async close() {
      disk.stop();
      bin.stop();
      files.stop();
      await notify.close();
      await mail.close();
      // First the sender, which writes what was delivered; then the writer; then the file.
      await rooms.close();
      await queue.close();
      database.close();
    },
  };
}

async function migrateOrClose(database: Database, { root, version }: Settings): Promise<MigrationReport> {
  try {
    return await migrate(database, readMigrations(join(root, "db", "migrations")), new Date(), version);
  } catch (error) {
    database.close();
    throw error;
  }
}
