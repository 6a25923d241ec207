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
  /** told and not sent yet */
  #waiting: Group[] = [];
  /** something told with `later` is among them */
  #isAwaited = false;
  #soon: NodeJS.Immediate | undefined;

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
    const stored = this.#tell(groups, release);
    await Promise.all([this.#later, stored]);
  }

  /** Stores groups in order without waiting; a loss shows at the next `commit` or `stored`. */
  later(groups: readonly Group[]): void {
    this.#isAwaited = true;
    this.send(groups);
  }

  /** Resolves when all that was told with `later` is stored. @throws LeaseLost, FrameRefused */
  async stored(): Promise<void> {
    this.#flush();
    await this.#later;
  }

  /** What follows within the same breath goes along: every frame is a write to the room's disk. */
  send(groups: readonly Group[]): void {
    this.#waiting.push(...groups);
    this.#soon ??= setImmediate(() => this.#flush());
  }

  live(item: RunLive): void {
    // Nobody shall see more of a block before its beginning.
    this.#flush();
    this.#room.live(item);
  }

  /** Resolves when the room has answered everything it was told, or is gone. What it did not take is given up. */
  async settled(): Promise<void> {
    this.#flush();
    await Promise.all(this.#sent);
    this.#later = Promise.resolve();
  }

  #flush(): void {
    // Nobody waits for this: whoever waits for a later frame learns of a loss.
    if (this.#waiting.length > 0) this.#tell([]).catch(() => {});
  }

  /** Tells what has waited, and these groups after it. */
  #tell(groups: readonly Group[], release?: Release): Promise<void> {
    clearImmediate(this.#soon);
    this.#soon = undefined;
    const all = [...this.#waiting, ...groups];
    const isAwaited = this.#isAwaited;
    this.#waiting = [];
    this.#isAwaited = false;
    const stored = this.#commit(all, release);
    const answered = stored.catch(() => {}).finally(() => this.#sent.delete(answered));
    this.#sent.add(answered);
    if (isAwaited) {
      this.#later = Promise.all([this.#later, stored]);
      this.#later.catch(() => {});
    }
    return stored;
  }

  async #commit(groups: readonly Group[], release?: Release): Promise<void> {
    await this.#room.commit(groups, release);
    for (const { events } of groups) for (const event of events) this.#stored(event);
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
