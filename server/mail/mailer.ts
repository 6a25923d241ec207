/**
 * Sends mails from the outbox, one at a time. At least once: a crash between the mail server's yes and our note of it sends
 * the mail again, under the same Message-ID.
 */
import type { Logger } from "pino";
import { StorageFull } from "../../db/errors.ts";
import type { Statement, Write } from "../../db/write-queue.ts";
import type { Letter } from "./letter.ts";
import type { MailCounts, MailOutbox, Waiting } from "./outbox.ts";
import { judge } from "./schedule.ts";
import { failureOf, type Transport } from "./transport.ts";

/** ms; a timer longer than this is set again, because clocks of machines jump */
const LONGEST_WAIT_MS = 5 * 60_000;
/** ms until the next look after the database itself failed */
const AFTER_TROUBLE_MS = 10_000;

/** `off`: this instance sends no mail, so say "copy this link instead". */
export type Queued = "queued" | "off";

export type Mailer = {
  /** false without ATRIUM_SMTP_URL */
  readonly on: boolean;
  /** Stores a mail; it is sent behind, and again after a restart. */
  send(letter: Letter): Promise<Queued>;
  /** The same as statements of a larger unit; call `kick` after its commit. Empty when mail is off. */
  put(letter: Letter): Statement[];
  /** Looks at the outbox now. */
  kick(): void;
  counts(): Promise<MailCounts>;
  /** Ends after the mail under way. */
  close(): Promise<void>;
};

export type MailerOptions = {
  outbox: MailOutbox;
  write: Write;
  /** undefined: mail is off */
  transport: Transport | undefined;
  clock: { now(): number };
  log: Logger;
};

export function createMailer({ outbox, write, transport, clock, log }: MailerOptions): Mailer {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  function kick(): void {
    if (!transport || closed) return;
    clearTimeout(timer);
    again = true;
    running ??= work(transport).finally(() => {
      running = undefined;
      // Asked for in the very moment in which the work ended.
      if (again) kick();
    });
  }

  async function work(way: Transport): Promise<void> {
    let wait: number | undefined;
    while (again && !closed) {
      again = false;
      try {
        for (let mail = await outbox.due(clock.now()); mail && !closed; mail = await outbox.due(clock.now())) {
          await attempt(way, mail);
        }
        const next = await outbox.nextAt();
        wait = next === undefined ? undefined : Math.max(0, next - clock.now());
      } catch (error) {
        // Neither the mail nor the mail server is to blame: the mail stays and is tried as it was.
        if (!(error instanceof StorageFull)) log.warn({ err: error }, "the outbox of mails could not be worked on");
        wait = AFTER_TROUBLE_MS;
      }
    }
    if (wait === undefined || closed) return;
    timer = setTimeout(kick, Math.min(wait, LONGEST_WAIT_MS));
    timer.unref();
  }

  async function attempt(way: Transport, { id, kind, attempts, until, letter }: Waiting): Promise<void> {
    if (!letter) return outbox.dead(id, "it cannot be opened any more: the vault's key was replaced");
    if (until !== undefined && until <= clock.now()) return outbox.dead(id, "it was too late to be of use");
    try {
      await way.deliver(id, letter);
    } catch (error) {
      const failure = failureOf(error);
      const verdict = judge(failure, attempts + 1, clock.now(), until);
      log.warn({ mail: id, kind, why: failure.message, verdict: verdict.kind }, "a mail was not taken");
      if (verdict.kind === "dead") return outbox.dead(id, verdict.why);
      return outbox.again(id, verdict.at, failure.message);
    }
    await outbox.sent(id);
    log.info({ mail: id, kind }, "a mail was sent");
  }

  return {
    on: transport !== undefined,
    async send(letter) {
      if (!transport) return "off";
      await write(() => outbox.put(letter, clock.now()));
      kick();
      return "queued";
    },
    put: (letter) => (transport ? outbox.put(letter, clock.now()) : []),
    kick,
    counts: () => outbox.counts(),
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
