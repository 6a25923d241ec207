/**
 * Where people are: a room tells the company's room of a person's first socket and of their last, so that a change of
 * rights reaches every room the person is in.
 */
import type { Outgoing } from "./core.ts";
import type { RoomStorage } from "./ports.ts";
import type { Batch } from "./store.ts";

const KEY = "reg";

export class Registration {
  readonly #storage: RoomStorage;
  /** rights version by person, as told to the company's room */
  #told = new Map<string, number>();

  constructor(storage: RoomStorage) {
    this.#storage = storage;
  }

  async open(): Promise<void> {
    this.#told = new Map((await this.#storage.get<[string, number][]>(KEY)) ?? []);
  }

  /**
   * What the company's room must hear now that exactly these people are here.
   * @param here rights version by person; a lower one than was told is told again: that ticket was made before a change
   */
  update(batch: Batch, company: string, here: ReadonlyMap<string, number>): Outgoing[] {
    const out: Outgoing[] = [];
    for (const [person, rights] of here) {
      if (this.#told.get(person) === rights) continue;
      this.#told.set(person, rights);
      out.push({ party: "company", room: company, message: { kind: "presence.join", person, rights } });
    }
    for (const person of [...this.#told.keys()]) {
      if (here.has(person)) continue;
      this.#told.delete(person);
      out.push({ party: "company", room: company, message: { kind: "presence.leave", person } });
    }
    if (out.length > 0) batch.put(KEY, [...this.#told]);
    return out;
  }
}
