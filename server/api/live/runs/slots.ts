/** How many event streams may be open: each looks at the database once a second. */

/** open at once in this process */
const MAX_STREAMS = 200;
/** of one person, so that nobody takes all of them: every open tab and a few scripts */
const MAX_OF_PERSON = 20;

export type Slot = { kind: "open"; release(): void } | { kind: "full" } | { kind: "person_full" };

export class StreamSlots {
  readonly #open = new Map<string, number>();
  #total = 0;

  /** Takes a slot for a person; give it back when the stream ends. */
  take(person: string): Slot {
    const own = this.#open.get(person) ?? 0;
    if (own >= MAX_OF_PERSON) return { kind: "person_full" };
    if (this.#total >= MAX_STREAMS) return { kind: "full" };
    this.#open.set(person, own + 1);
    this.#total += 1;
    let held = true;
    return {
      kind: "open",
      release: () => {
        if (!held) return;
        held = false;
        this.#total -= 1;
        const left = (this.#open.get(person) ?? 1) - 1;
        if (left > 0) this.#open.set(person, left);
        else this.#open.delete(person);
      },
    };
  }
}
