/** What every route works with. Made once in main.ts, or by a test with a temporary folder. */
import type { Client } from "@libsql/client/sqlite3";
import type { Logger } from "pino";
import type { Db } from "../../db/client.ts";
import type { Write } from "../../db/write-queue.ts";
import type { Challenges } from "../auth/challenges.ts";
import type { Passwords } from "../auth/passwords.ts";
import type { Sessions } from "../auth/sessions.ts";
import type { Files } from "../files/files.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { Notifier } from "../notify/notifier.ts";
import type { RoomClient } from "../rooms/client/client.ts";
import type { Vault } from "../secrets/vault.ts";
import type { DiskMonitor } from "./disk.ts";
import type { Settings } from "./settings.ts";
import type { WorkspaceBin } from "./workspace-bin.ts";

export type Clock = { now(): number };

export type Secrets = {
  /** signs requests between our own processes (party/protocol/sign.ts) */
  rooms: string;
  /** signs tickets */
  tickets: string;
  /** keys the vault */
  vault: string;
};

export type Services = {
  /** typed reads */
  db: Db;
  /** raw reads, for the hot paths */
  read: Client;
  /** the only way to write */
  write: Write;
  rooms: RoomClient;
  clock: Clock;
  log: Logger;
  settings: Settings;
  secrets: Secrets;
  /** seals and opens what the database keeps secret */
  vault: Vault;
  disk: DiskMonitor;
  bin: WorkspaceBin;
  files: Files;
  passwords: Passwords;
  sessions: Sessions;
  /** steps of a sign-in that were begun and not finished */
  challenges: Challenges;
  mail: Mailer;
  notify: Notifier;
};
