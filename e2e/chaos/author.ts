/** People who write messages one after the other and insist on each, whatever dies meanwhile. */
import { ApiRefused, insist } from "../harness/api-client.ts";
import type { Office } from "../harness/company.ts";
import { until } from "../harness/until.ts";
import type { Viewer } from "../harness/viewer.ts";

/** How one message is brought to the room, however often that takes. */
type Bring = (text: string) => Promise<unknown>;

export class Author {
  readonly #name: string;
  readonly #bring: Bring;
  readonly #done: Promise<void>;
  #stopping = false;
  /** messages the room has acknowledged, in their order */
  readonly sent: string[] = [];

  constructor(name: string, bring: Bring) {
    this.#name = name;
    this.#bring = bring;
    this.#done = this.#write();
    // Whoever stops the author hears of it.
    this.#done.catch(() => undefined);
  }

  /** Stops behind the message under way. @throws what went wrong with a message */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }

  async #write(): Promise<void> {
    for (let n = 1; !this.#stopping; n++) {
      const text = `${this.#name} ${n}`;
      await this.#bring(text);
      this.sent.push(text);
    }
  }
}

/** Over a room's socket: a command is sent again with its id after every reconnect. */
export function overSocket(name: string, viewer: Viewer<"session">): Author {
  return new Author(name, (text) => viewer.command({ type: "message.post", text }));
}

/**
 * Over REST with an idempotency key. When the api died between taking the key and storing its answer, the key says so; then
 * one looks whether the message is there, as the answer advises.
 */
export function overRest(name: string, { owner, company }: Office, session: string): Author {
  const isThere = async (text: string): Promise<boolean> => {
    const items = await until("the messages from their room", async () => {
      const page = await owner.messages(company, session);
      return page.stale ? undefined : page.items;
    });
    return items.some((message) => message.text === text);
  };
  return new Author(name, async (text) => {
    for (let attempt = 1; ; attempt++) {
      const idempotencyKey = `${text} ${attempt}`.replaceAll(" ", "-");
      try {
        await insist(`posting ${text}`, () => owner.post(company, session, text, { idempotencyKey }));
        return;
      } catch (error) {
        if (!(error instanceof ApiRefused && error.code === "in_progress")) throw error;
        if (await isThere(text)) return;
      }
    }
  });
}
