/** What a run has begun in its room and not ended there, known by what the room acknowledged: a refused frame began nothing. */
import type { RunEvent, RunLive } from "../../../party/protocol/run-events.ts";
import type { Claimed, Group, Release, RoomPort } from "../../runtimes/contract.ts";

export type OpenEnds = {
  calls: ReadonlySet<string>;
  /** a question that the model asked has the id of its call */
  questions: ReadonlySet<string>;
  blocks: readonly Claimed["openBlocks"][number][];
};

/** The room of a run, which remembers what the run still owes it an end for. */
export class WatchedRoom implements RoomPort {
  readonly #room: RoomPort;
  readonly #calls: Set<string>;
  readonly #questions: Set<string>;
  readonly #blocks: Map<string, string>;
  readonly #sent = new Set<Promise<void>>();
  #later: Promise<unknown> = Promise.resolve();

  constructor(room: RoomPort, { calls, questions, openBlocks }: Claimed) {
    this.#room = room;
    this.#calls = new Set(calls.flatMap(({ call, ended }) => (ended ? [] : [call])));
    this.#questions = new Set(questions.flatMap(({ id, answer }) => (answer ? [] : [id])));
    this.#blocks = new Map(openBlocks.map(({ block, kind }) => [block, kind]));
  }

  get lost(): AbortSignal {
    return this.#room.lost;
  }

  get open(): OpenEnds {
    const blocks = [...this.#blocks].map(([block, kind]) => ({ block, kind }));
    return { calls: new Set(this.#calls), questions: new Set(this.#questions), blocks };
  }

  held(): boolean {
    return this.#room.held();
  }

  async commit(groups: readonly Group[], release?: Release): Promise<void> {
    await Promise.all([this.#later, this.#told(groups, release)]);
  }

  /** Stores groups in order without waiting; a loss shows at the next `commit` or `stored`. */
  later(groups: readonly Group[]): void {
    this.#later = Promise.all([this.#later, this.#told(groups)]);
    this.#later.catch(() => {});
  }

  /** Resolves when all that was told with `later` is stored. @throws LeaseLost, FrameRefused */
  async stored(): Promise<void> {
    await this.#later;
  }

  #told(groups: readonly Group[], release?: Release): Promise<void> {
    const stored = this.#commit(groups, release);
    const answered = stored.catch(() => {}).finally(() => this.#sent.delete(answered));
    this.#sent.add(answered);
    return stored;
  }

  async #commit(groups: readonly Group[], release?: Release): Promise<void> {
    await this.#room.commit(groups, release);
    for (const { events } of groups) for (const event of events) this.#stored(event);
  }

  send(groups: readonly Group[]): void {
    // Nobody waits for this one: whoever waits for a later frame learns of a loss.
    this.#told(groups).catch(() => {});
  }

  live(item: RunLive): void {
    this.#room.live(item);
  }

  /** Resolves when the room has answered everything it was told, or is gone. What it did not take is given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#sent);
    this.#later = Promise.resolve();
  }

  #stored(event: RunEvent): void {
    switch (event.type) {
      case "tool.called":
        this.#calls.add(event.call);
        break;
      case "tool.ended":
        this.#calls.delete(event.call);
        this.#questions.delete(event.call);
        break;
      case "question.asked":
        this.#questions.add(event.question);
        break;
      case "block.started":
        this.#blocks.set(event.block, event.kind);
        break;
      case "block.ended":
        this.#blocks.delete(event.block);
        break;
      default:
        break;
    }
  }
}
