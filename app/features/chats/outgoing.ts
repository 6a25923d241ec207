import type { Attachment } from "../../../party/protocol/common.ts";
import type { Message } from "../../../party/protocol/session.ts";

/** What a person wrote and sent. */
export interface Written {
  text: string;
  attachments: readonly Attachment[];
  replyTo?: string | undefined;
  mentions?: readonly string[] | undefined;
}

/** A message that the conversation does not have yet. */
export interface Outgoing extends Written {
  /** also its idempotency key: however often it is sent, it is posted once */
  key: string;
  at: string;
  state: { kind: "sending" } | { kind: "waiting" } | { kind: "failed"; why: string };
  /** one's own messages that stood there when it was sent */
  before: ReadonlySet<string>;
  /** the id it was stored under */
  stored?: string;
}

export interface OutgoingDeps {
  /** @throws {Error} with a sentence for the person; `passes` says whether another try may help */
  post(message: Written, key: string): Promise<Message>;
  passes(error: unknown): boolean;
  now(): string;
  newKey(): string;
  read(): string | null;
  write(text: string | null): void;
}

/** What of a message is kept over a reload. */
type Kept = Written & { key: string; at: string };

/**
 * Messages on their way into one conversation, sent one after the other, so that they arrive in the order they were written.
 * What cannot be sent now waits for the connection; what was refused waits for the person. Nothing is lost by a reload.
 */
export class OutgoingMessages {
  readonly #deps: OutgoingDeps;
  readonly #subscribers = new Set<() => void>();
  #list: readonly Outgoing[];
  #busy = false;

  constructor(deps: OutgoingDeps) {
    this.#deps = deps;
    this.#list = readKept(deps.read()).map((kept) => ({ ...kept, state: { kind: "waiting" }, before: new Set() }));
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  };
  readonly getView = (): readonly Outgoing[] => this.#list;

  send(written: Written, before: ReadonlySet<string>): void {
    const one: Outgoing = { ...written, key: this.#deps.newKey(), at: this.#deps.now(), state: { kind: "sending" }, before };
    this.#set([...this.#list, one]);
    void this.#pump();
  }

  /** Sends again what waits: the connection is back. */
  resume(): void {
    if (!this.#list.some((one) => one.state.kind === "waiting")) return;
    this.#set(this.#list.map((one) => (one.state.kind === "waiting" ? { ...one, state: { kind: "sending" } } : one)));
    void this.#pump();
  }

  /** Sends one again because the person asks. */
  retry(key: string): void {
    this.#update(key, { state: { kind: "sending" } });
    void this.#pump();
  }

  discard(key: string): void {
    this.#set(this.#list.filter((one) => one.key !== key));
  }

  /** Drops those that the conversation holds by now. */
  settle(messages: ReadonlySet<string>): void {
    const left = this.#list.filter((one) => one.stored === undefined || !messages.has(one.stored));
    if (left.length < this.#list.length) this.#set(left);
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (;;) {
        const next = this.#list.find((one) => one.state.kind === "sending" && one.stored === undefined);
        if (!next) return;
        await this.#post(next);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #post(one: Outgoing): Promise<void> {
    const { text, attachments, replyTo, mentions } = one;
    try {
      const { id } = await this.#deps.post({ text, attachments, replyTo, mentions }, one.key);
      this.#update(one.key, { stored: id });
    } catch (error) {
      if (!this.#deps.passes(error)) {
        const why = error instanceof Error ? error.message : "";
        this.#update(one.key, { state: { kind: "failed", why } });
        return;
      }
      // Later ones wait behind it, so that the order holds.
      this.#set(
        this.#list.map((each) =>
          each.state.kind === "sending" && each.stored === undefined ? { ...each, state: { kind: "waiting" } } : each,
        ),
      );
    }
  }

  #update(key: string, change: Partial<Outgoing>): void {
    this.#set(this.#list.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  #set(list: readonly Outgoing[]): void {
    this.#list = list;
    const kept: Kept[] = list
      .filter((one) => one.stored === undefined)
      .map(({ key, at, text, attachments, replyTo, mentions }) => ({ key, at, text, attachments, replyTo, mentions }));
    this.#deps.write(kept.length === 0 ? null : JSON.stringify(kept));
    for (const changed of this.#subscribers) changed();
  }
}

function readKept(stored: string | null): Kept[] {
  try {
    const list: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(list) ? list.filter(isKept) : [];
  } catch {
    return [];
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const { key, at, text, attachments } = { key: "", at: "", text: undefined, attachments: undefined, ...value };
  return typeof key === "string" && typeof at === "string" && typeof text === "string" && Array.isArray(attachments);
}
