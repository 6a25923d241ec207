import type { StampedAgentEvent } from "../../../party/protocol/agent.ts";
import { isRunEvent } from "../../../party/protocol/agent-state.ts";
import type { RunEvent, Stamped } from "../../../party/protocol/run-events.ts";
import type { RoomListener, Schedule } from "../../lib/room/room-store.ts";
import { LiveText } from "./live-text.ts";
import { type Row, RowBuilder } from "./rows.ts";

export interface TranscriptView {
  rows: readonly Row[];
  /** `failed` keeps what was loaded */
  load: "loading" | "ready" | "failed";
}

/** A page of a run's events from the records, oldest first. `stale`: its room did not answer, so the newest may be missing. */
export interface EventsPage {
  items: readonly Stamped<RunEvent>[];
  more: boolean;
  stale: boolean;
}
export type LoadEvents = (after: number) => Promise<EventsPage>;

/**
 * The transcript of one run: its beginning from the records, what follows from the room, merged by seq. The room's snapshot
 * holds no transcripts, and the seq of an event is the same in both.
 */
export class Transcript {
  readonly live: LiveText;
  readonly #run: string;
  readonly #load: LoadEvents;
  readonly #schedule: Schedule;
  readonly #subscribers = new Set<() => void>();
  #builder = new RowBuilder();
  /** what the rows were made of, for the replay */
  #events: Stamped<RunEvent>[] = [];
  #lastSeq = 0;
  /** events of the room that arrived while the records were read */
  #ahead: Stamped<RunEvent>[] = [];
  #view: TranscriptView = { rows: [], load: "loading" };
  #loadState: TranscriptView["load"] = "loading";
  #loadId = 0;
  /** false after a failed load: live rows may stand behind a hole, so the next load begins at the beginning */
  #whole = true;
  #scheduled = false;
  #hasReset = false;

  constructor(run: string, load: LoadEvents, schedule: Schedule) {
    this.#run = run;
    this.#load = load;
    this.#schedule = schedule;
    this.live = new LiveText(schedule);
  }

  /** What the room tells it. */
  readonly listener: RoomListener<"agent"> = {
    events: (events) => this.#fromRoom(events),
    live: (items) => this.live.add(items.filter((item) => item.run === this.#run)),
    reset: () => {
      // The room begins anew at its snapshot; what lies before comes from the records. A second reset may be another log.
      if (this.#hasReset) {
        this.#forget();
        this.live.clear();
      }
      this.#hasReset = true;
      void this.start();
    },
  };

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  };

  readonly getView = (): TranscriptView => this.#view;

  /** The events so far; the array grows as they come, and is another one after a reset. */
  get events(): readonly Stamped<RunEvent>[] {
    return this.#events;
  }

  /** The index of the row in which a step shows. Undefined while what was read does not reach it. */
  rowOf(seq: number): number | undefined {
    return this.#lastSeq >= seq || this.#loadState !== "loading" ? this.#builder.rowOf(seq) : undefined;
  }

  /** Reads the records from where the transcript ends. */
  async start(): Promise<void> {
    const loadId = ++this.#loadId;
    if (!this.#whole) this.#forget();
    this.#loadState = "loading";
    this.#publish();
    try {
      for (let more = true; more; ) {
        const page = await this.#load(this.#lastSeq);
        if (loadId !== this.#loadId) return;
        this.#apply(page.items);
        if (page.stale) throw new Error("the room did not answer");
        more = page.more && page.items.length > 0;
      }
      this.#loadState = "ready";
    } catch {
      if (loadId !== this.#loadId) return;
      this.#loadState = "failed";
      this.#whole = false;
    }
    const ahead = this.#ahead;
    this.#ahead = [];
    this.#apply(ahead);
    this.#publish();
  }

  /** Reads again what failed: the room is back, or a person asks. */
  retry(): void {
    if (this.#loadState === "failed") void this.start();
  }

  stop(): void {
    this.#loadId++;
  }

  #fromRoom(events: readonly StampedAgentEvent[]): void {
    const mine = events.filter(isRunEvent).filter((event) => event.run === this.#run);
    if (mine.length === 0) return;
    if (this.#loadState === "loading") this.#ahead.push(...mine);
    else this.#apply(mine);
  }

  #apply(events: readonly Stamped<RunEvent>[]): void {
    const fresh = events.filter((event) => event.seq > this.#lastSeq);
    if (fresh.length === 0) return;
    this.#lastSeq = fresh.at(-1)?.seq ?? this.#lastSeq;
    this.#builder.add(fresh);
    for (const event of fresh) this.#events.push(event);
    for (const event of fresh) {
      if (event.type === "block.ended") this.live.drop(event.block);
      if (event.type === "tool.ended") this.live.drop(event.call);
    }
    this.#publish();
  }

  #forget(): void {
    this.#builder = new RowBuilder();
    this.#events = [];
    this.#lastSeq = 0;
    this.#whole = true;
    this.#ahead = [];
  }

  #publish(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#view = { rows: this.#builder.rows, load: this.#loadState };
      for (const changed of this.#subscribers) changed();
    });
  }
}
