/**
 * The room's copy in the api's database. Events go up in order, at least once; the confirmation advances `archivedSeq`,
 * and only what is archived may be pruned. While anything waits, an alarm stands.
 */
import type { ArchiveRequest } from "../protocol/internal.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Party } from "../protocol/tickets.ts";
import type { EventLog } from "./log.ts";
import type { RoomHost } from "./ports.ts";
import { readRef, refsIn } from "./refs.ts";

/** HTTP statuses of the api's answer that mean more than "try again". */
const STORAGE_FULL = 507;
const GONE = 410;
/** failures between two words about them in the log: one at the start of an outage, then about one in 15 s */
const LOUD_EVERY = 3;

export type ArchiveHooks = {
  epoch(): string;
  company(): string;
  /** the api holds everything up to `seq`, `bytes` more than before; the refs of those events may go */
  archived(seq: number, bytes: number, refs: string[]): Promise<void>;
  /** the api's disk is full, or no longer */
  storage(full: boolean): void;
};

export class Archive {
  readonly #host: RoomHost;
  readonly #party: Party;
  readonly #log: EventLog;
  readonly #hooks: ArchiveHooks;
  archivedSeq = 0;
  #busy = false;
  #scheduled = false;
  #failures = 0;
  #notBefore = 0;
  /** the company was deleted: nobody wants the rest */
  #ended = false;

  constructor(host: RoomHost, party: Party, log: EventLog, hooks: ArchiveHooks) {
    this.#host = host;
    this.#party = party;
    this.#log = log;
    this.#hooks = hooks;
  }

  /** True when there is nothing to archive, or nowhere. */
  get #idle(): boolean {
    return this.#ended || this.archivedSeq >= this.#log.head || this.#hooks.company() === "";
  }

  /** When the alarm must look; undefined when all is archived. */
  due(now: number): number | undefined {
    if (this.#idle) return undefined;
    return Math.max(this.#notBefore, now + LIMITS.leaseRenewMs);
  }

  /** Posts after the window, so that a burst travels together. */
  schedule(): void {
    if (this.#scheduled || this.#busy || this.#idle) return;
    this.#scheduled = true;
    const wait = Math.max(LIMITS.archiveEveryMs, Math.min(1_000, this.#notBefore - this.#host.now()));
    this.#host.after(wait, () => {
      this.#scheduled = false;
      void this.run();
    });
  }

  /** Posts one batch. Never awaited by a turn. */
  async run(): Promise<void> {
    if (this.#busy || this.#idle) return;
    if (this.#notBefore > this.#host.now()) return this.schedule();
    this.#busy = true;
    try {
      const page = await this.#page();
      const { refs } = page;
      const head = { party: this.#party, room: this.#host.id, company: this.#hooks.company(), epoch: this.#hooks.epoch(), refs };
      // The events go up as the bytes the viewers saw.
      const body = `${JSON.stringify(head).slice(0, -1)},"events":[${page.texts.join(",")}]}`;
      const answer = await this.#host.postApi("/internal/archive", body);
      this.#hooks.storage(answer.status === STORAGE_FULL);
      if (answer.status === GONE) {
        this.#ended = true;
        return;
      }
      if (answer.status !== 200) throw new Error(`archive answered ${answer.status}: ${answer.body.slice(0, 200)}`);
      this.#failures = 0;
      this.#notBefore = 0;
      this.archivedSeq = page.last;
      await this.#hooks.archived(page.last, page.bytes, page.refIds);
    } catch (error) {
      this.#failures += 1;
      this.#notBefore =
        this.#host.now() + Math.min(LIMITS.archiveRetryMaxMs, LIMITS.retryMinMs * 2 ** Math.min(this.#failures, 10));
      if (this.#failures % LOUD_EVERY === 0) {
        this.#host.log("warn", "events wait in the room for the archive", { failures: this.#failures, error: String(error) });
      }
    } finally {
      this.#busy = false;
    }
    this.schedule();
  }

  /** What fits into one post: events, and the long texts behind them, which may weigh far more. At least one event. */
  async #page(): Promise<Page> {
    const { texts } = await this.#log.read(this.archivedSeq, LIMITS.archiveBatchBytes, LIMITS.archiveBatchEvents);
    const page: Page = { texts: [], refs: [], refIds: [], last: this.archivedSeq, bytes: 0 };
    let weight = 0;
    for (const event of texts) {
      const ids = refsIn(event);
      const found: ArchiveRequest["refs"] = [];
      for (const ref of ids) {
        const text = await readRef(this.#host.storage, ref);
        if (text !== undefined) found.push({ ref, text });
      }
      weight += event.length + found.reduce((sum, { text }) => sum + text.length, 0);
      if (page.texts.length > 0 && weight > LIMITS.archiveBatchBytes) break;
      page.texts.push(event);
      page.refs.push(...found);
      page.refIds.push(...ids);
      page.bytes += event.length + 1;
      page.last += 1;
    }
    return page;
  }
}

type Page = { texts: string[]; refs: ArchiveRequest["refs"]; refIds: string[]; last: number; bytes: number };
