/**
 * Sends what is due, by push and by mail, and sleeps until the next is. At least once: a crash between a push service's yes and
 * our note of it pushes again, and the device shows it once, by its tag.
 */
import type { Agent } from "node:https";
import type { Client } from "@libsql/client/sqlite3";
import type { Logger } from "pino";
import { StorageFull } from "../../db/errors.ts";
import type { Write } from "../../db/write-queue.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { Vault } from "../secrets/vault.ts";
import { type Devices, pushDevices } from "./devices.ts";
import { type Pushed, sendPush, type VapidKeys, vapidKeysOf } from "./push.ts";
import { type Due, dropIdle, due, nextDue } from "./store.ts";

/** notifications of one look; the rest follows at once */
const BATCH = 50;
/** ms; a timer longer than this is set again, because clocks of machines jump */
const LONGEST_WAIT_MS = 5 * 60_000;
/** ms until the next look after the database itself failed */
const AFTER_TROUBLE_MS = 10_000;
/** ms before the first, second … repeat of a push that a service did not take; then it is given up, the mail remains */
const RETRY_MS = [30_000, 120_000, 600_000] as const;
/** ms a note is of any use in a mailbox */
const MAIL_USE_MS = 24 * 3_600_000;

export type NotifierOptions = {
  read: Client;
  write: Write;
  vault: Vault;
  mail: Pick<Mailer, "on" | "put" | "kick">;
  clock: { now(): number };
  log: Logger;
  /** origin of the links in mails */
  origin: string;
  contact: string;
  /** how to reach push services; tests bring their own certificate */
  agent?: Agent;
};

export type Notifier = {
  readonly devices: Devices;
  /** the public key browsers subscribe with */
  publicKey(): Promise<string>;
  /** Pushes to every browser of a person now, and says what became of each. */
  push(user: string, note: PushPayload): Promise<Pushed[]>;
  /** Something was stored: look whether it is due. */
  kick(): void;
  close(): Promise<void>;
};

/** What the app's service worker reads, app/sw/messages.ts. */
export type PushPayload = { title: string; body: string; url: string; tag: string; action: string };

export function createNotifier(options: NotifierOptions): Notifier {
  const { read, write, vault, mail, clock, log } = options;
  const devices = pushDevices(read, write, vault);
  let keys: Promise<VapidKeys> | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const nowIso = (): string => new Date(clock.now()).toISOString();
  const keysOnce = (): Promise<VapidKeys> => {
    keys ??= vapidKeysOf(read, write, vault).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };

  async function push(user: string, note: PushPayload): Promise<Pushed[]> {
    const places = await devices.of(user);
    if (places.length === 0) return [];
    const mine = await keysOnce();
    return Promise.all(
      places.map(async ({ id, to }) => {
        const answer = await sendPush(to, note, mine, options.contact, options.agent);
        if (answer.kind === "sent") await devices.reached(id, nowIso());
        if (answer.kind === "gone") await devices.forget(id);
        if (answer.kind === "refused") log.warn({ device: id, why: answer.why }, "a push was refused");
        return answer;
      }),
    );
  }

  async function pushOne(one: Due): Promise<void> {
    const note = { title: one.title, body: one.body, url: one.path, tag: one.subject, action: "Open" };
    const answers = await push(one.user, note);
    const wait = RETRY_MS[one.attempts];
    const isLost = answers.length > 0 && answers.every(({ kind }) => kind === "later");
    const at = isLost && wait !== undefined ? new Date(clock.now() + wait).toISOString() : null;
    await write(() => [
      {
        sql: "UPDATE notifications SET push_at = ?, attempts = attempts + 1 WHERE id = ? AND push_at IS NOT NULL",
        args: [at, one.id],
      },
    ]);
  }

  async function mailOne(one: Due): Promise<void> {
    const letter = {
      to: one.email,
      subject: `${one.title} (${one.body})`,
      text: `${one.title}, in ${one.body}.\n\n${options.origin}${one.path}\n\nYou can choose what Atrium mails you in your settings.`,
      kind: "notice",
      until: new Date(clock.now() + MAIL_USE_MS).toISOString(),
    };
    await write(() => [
      { sql: "UPDATE notifications SET mail_at = NULL WHERE id = ? AND mail_at IS NOT NULL", args: [one.id] },
      ...mail.put(letter),
    ]);
  }

  async function work(): Promise<void> {
    let wait: number | undefined;
    while (again && !closed) {
      again = false;
      try {
        const now = nowIso();
        const next = await nextDue(read);
        if (next !== undefined && next <= now) {
          await write(() => [dropIdle(now)]);
          const pushes = await due(read, "push_at", now, BATCH);
          for (const one of pushes) if (!closed) await pushOne(one);
          const mails = await due(read, "mail_at", now, BATCH);
          for (const one of mails) if (!closed) await mailOne(one);
          if (mails.length > 0) mail.kick();
        }
        const later = await nextDue(read);
        wait = later === undefined ? undefined : Math.max(0, Date.parse(later) - clock.now());
      } catch (error) {
        if (!(error instanceof StorageFull)) log.warn({ err: error }, "notifications could not be sent");
        wait = AFTER_TROUBLE_MS;
      }
    }
    if (wait === undefined || closed) return;
    timer = setTimeout(kick, Math.min(wait, LONGEST_WAIT_MS));
    timer.unref();
  }

  function kick(): void {
    if (closed) return;
    clearTimeout(timer);
    again = true;
    running ??= work().finally(() => {
      running = undefined;
      // Asked for in the very moment in which the work ended.
      if (again) kick();
    });
  }

  return {
    devices,
    publicKey: async () => (await keysOnce()).publicKey,
    push,
    kick,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
