import { LIMITS } from "../../../party/protocol/limits.ts";
import type { Message, SessionState } from "../../../party/protocol/session.ts";
import type { RoomListener } from "../../lib/room/room-store.ts";

/** A page of messages from the records, newest first. */
export interface MessagesPage {
  items: readonly Message[];
  nextCursor: string | undefined;
}
export type LoadMessages = (cursor: string | undefined) => Promise<MessagesPage>;

/** What lies above the oldest message that is known. */
export type Above = "more" | "loading" | "failed" | "none";

export interface HistoryView {
  /** oldest first, without a hole */
  messages: readonly Message[];
  above: Above;
}

/** Pages read to reach one message; 50 of 100 are five thousand messages back, further than anyone links. */
const REACH_PAGES = 50;

/**
 * The messages of one conversation: the room holds the newest, the records the rest. They are merged by id, and what the room
 * lets go of while someone looks stays, so a reader never loses the line they are at.
 */
export class History {
  readonly #load: LoadMessages;
  readonly #subscribers = new Set<() => void>();
  #messages: readonly Message[] = [];
  #known = new Set<string>();
  /** what the room said last */
  #newest: readonly Message[] | undefined;
  #above: Above = "none";
  #cursor: string | undefined;
  /** raised when what was read no longer belongs to what is shown */
  #era = 0;
  #loading: Promise<void> | undefined;
  #view: HistoryView = { messages: [], above: "none" };

  constructor(load: LoadMessages) {
    this.#load = load;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  };
  readonly getView = (): HistoryView => this.#view;
  /** ids of all messages that are known */
  get known(): ReadonlySet<string> {
    return this.#known;
  }

  /** Changes of messages that the room's own list does not hold any more. */
  readonly listener: RoomListener<"session"> = {
    events: (events) => {
      for (const event of events) {
        if (event.type === "message.edited")
          this.#change(event.message, (message) => ({ ...message, text: event.text, edited: true, editedAt: event.at }));
        else if (event.type === "message.deleted")
          this.#change(event.message, ({ attachments: _gone, ...message }) => ({ ...message, text: "", deleted: true }));
      }
      this.#publish();
    },
  };

  /** Takes the room's newest messages. */
  sync(state: Pick<SessionState, "messages">): void {
    const newest = state.messages;
    if (newest === this.#newest) return;
    this.#newest = newest;
    const from = newest[0] ? this.#messages.findIndex((message) => message.id === newest[0]?.id) : this.#messages.length;
    if (from >= 0 && this.#messages.length > 0) {
      this.#put([...this.#messages.slice(0, from), ...newest]);
      return;
    }
    // The first snapshot, or one that does not reach back to what is known: what lies between is read again from above.
    this.#era++;
    this.#cursor = undefined;
    this.#loading = undefined;
    this.#above = newest.length >= LIMITS.snapshotMessages ? "more" : "none";
    this.#put(newest);
  }

  /** A message of which the records already say that it is stored. The room's own word takes its place. */
  add(message: Message): void {
    if (!this.#known.has(message.id)) this.#put([...this.#messages, message]);
  }

  /** Reads the page above. Does nothing while one is on its way or there is none. */
  older(): Promise<void> {
    if (this.#above === "none") return Promise.resolve();
    this.#loading ??= this.#readOlder().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** Reads upwards until a message is there. False when it is not in this conversation, or too far back. */
  async reach(id: string): Promise<boolean> {
    for (let pages = 0; !this.#known.has(id) && this.#above !== "none" && pages < REACH_PAGES; pages++) {
      await this.older();
      if (this.#view.above === "failed") return false;
    }
    return this.#known.has(id);
  }

  async #readOlder(): Promise<void> {
    const era = this.#era;
    this.#setAbove("loading");
    try {
      for (;;) {
        const page = await this.#load(this.#cursor);
        if (era !== this.#era) return;
        const fresh = above(page.items, this.#known);
        const isFirst = this.#cursor === undefined;
        if (isFirst && fresh.length === page.items.length && fresh.length > 0)
          throw new Error("the room is ahead of the records");
        this.#cursor = page.nextCursor;
        this.#above = page.nextCursor === undefined ? "none" : "more";
        if (fresh.length > 0 || page.nextCursor === undefined) {
          this.#put([...fresh, ...this.#messages]);
          return;
        }
      }
    } catch {
      if (era === this.#era) this.#setAbove("failed");
    }
  }

  #change(id: string, change: (message: Message) => Message): void {
    if (!this.#known.has(id)) return;
    this.#messages = this.#messages.map((message) => (message.id === id && !message.deleted ? change(message) : message));
  }

  #put(messages: readonly Message[]): void {
    this.#messages = messages;
    this.#known = new Set(messages.map((message) => message.id));
    this.#publish();
  }

  #setAbove(state: Above): void {
    this.#above = state;
    this.#publish();
  }

  #publish(): void {
    if (this.#view.messages === this.#messages && this.#view.above === this.#above) return;
    this.#view = { messages: this.#messages, above: this.#above };
    for (const changed of this.#subscribers) changed();
  }
}

/** The part of a page that lies above everything known, oldest first. */
function above(newestFirst: readonly Message[], known: ReadonlySet<string>): Message[] {
  const page = newestFirst.toReversed();
  const end = page.findIndex((message) => known.has(message.id));
  return end < 0 ? page : page.slice(0, end);
}
