/**
 * The runners that are connected, what they hold and who gets the next run. In memory only: after a restart of the api each
 * runner connects again and says what it runs.
 */
import type { RunnerCommand, RunnerFrame } from "../../../../party/protocol/internal.ts";

/** ms a runner may take to accept a run before the next one is asked */
const ACCEPT_MS = 2_000;
/** ms without a word after which a runner gets no new run; it beats far more often */
const QUIET_MS = 15_000;

/** ms a dead runner's id is remembered: longer than anything it sent can still be on its way */
const GONE_MS = 60_000;

/** A runner's end of its control socket. */
export type RunnerSocket = {
  send(command: RunnerCommand): void;
  /** Drops the connection at once. */
  drop(): void;
};

export type RunnerView = { runner: string; slots: number; sandbox: string; running: string[]; quietMs: number };

type Runner = {
  id: string;
  socket: RunnerSocket;
  slots: number;
  sandbox: string;
  /** runs and their fences; 0 when the runner named only the run */
  running: Map<string, number>;
  heardAt: number;
  /** false after an offer it did not answer, until it says anything again */
  answers: boolean;
};
type Offer = { runner: Runner; settle(outcome: "accepted" | "refused" | "silent"): void };

export class RunnerRegistry {
  readonly #now: () => number;
  readonly #runners = new Map<string, Runner>();
  /** runners the launcher said are dead, and when; an id is never used again */
  readonly #gone = new Map<string, number>();
  /** offers under way, by run and fence */
  readonly #offers = new Map<string, Offer>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get connected(): number {
    return this.#runners.size;
  }

  list(): RunnerView[] {
    return [...this.#runners.values()].map(({ id, slots, sandbox, running, heardAt }) => ({
      runner: id,
      slots,
      sandbox,
      running: [...running.keys()],
      quietMs: this.#now() - heardAt,
    }));
  }

  /** Takes a runner in, or takes it in again: its word on what it runs replaces what was known. */
  hello(socket: RunnerSocket, frame: Extract<RunnerFrame, { type: "hello" }>): void {
    const { runner: id, slots, sandbox, running } = frame;
    if (this.isGone(id)) {
      socket.drop();
      return;
    }
    const before = this.#runners.get(id);
    this.#runners.set(id, {
      id,
      socket,
      slots,
      sandbox,
      running: new Map(running.map((run) => [run, 0])),
      heardAt: this.#now(),
      answers: true,
    });
    if (before && before.socket !== socket) {
      this.#abandon(before);
      before.socket.drop();
    }
  }

  /** Every other frame of a runner that said hello. */
  heard(id: string, socket: RunnerSocket, frame: Exclude<RunnerFrame, { type: "hello" }>): void {
    const runner = this.#runners.get(id);
    if (!runner || runner.socket !== socket) return;
    runner.heardAt = this.#now();
    runner.answers = true;
    switch (frame.type) {
      case "beat":
        return;
      case "accepted":
        runner.running.set(frame.run, frame.fence);
        this.#offers.get(offerKey(frame))?.settle("accepted");
        return;
      case "refused":
        this.#offers.get(offerKey(frame))?.settle("refused");
        return;
      case "finished":
        // The end of an older claim does not free the slot of a newer one of the same run.
        if ((runner.running.get(frame.run) ?? 0) <= frame.fence) runner.running.delete(frame.run);
        return;
    }
  }

  /** The control socket is gone. The runner may live on and come back; its leases are not touched. */
  left(id: string, socket: RunnerSocket): void {
    const runner = this.#runners.get(id);
    if (!runner || runner.socket !== socket) return;
    this.#runners.delete(id);
    this.#abandon(runner);
  }

  /** The launcher says that the runner is dead: it gets no run any more, and what it accepted does not count. */
  gone(id: string): void {
    const now = this.#now();
    for (const [known, at] of this.#gone) if (now - at > GONE_MS) this.#gone.delete(known);
    this.#gone.set(id, now);
    this.#forget(id);
  }

  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  #forget(id: string): void {
    const runner = this.#runners.get(id);
    if (!runner) return;
    this.left(id, runner.socket);
    runner.socket.drop();
  }

  /** The runner with the most free slots, leaving out those that were asked already. */
  pick(asked: ReadonlySet<string>): string | undefined {
    let best: { id: string; free: number } | undefined;
    for (const runner of this.#runners.values()) {
      if (asked.has(runner.id) || !runner.answers || this.#now() - runner.heardAt > QUIET_MS) continue;
      const free = runner.slots - runner.running.size - this.#offered(runner);
      if (free > 0 && (!best || free > best.free)) best = { id: runner.id, free };
    }
    return best?.id;
  }

  #offered(runner: Runner): number {
    let count = 0;
    for (const offer of this.#offers.values()) if (offer.runner === runner) count += 1;
    return count;
  }

  /** Offers a run. False when the runner refuses, leaves, dies or does not answer in time. */
  async offer(id: string, command: RunnerCommand): Promise<boolean> {
    const runner = this.#runners.get(id);
    if (!runner) return false;
    const key = offerKey(command);
    const outcome = await new Promise<"accepted" | "refused" | "silent">((resolve) => {
      const timer = setTimeout(() => settle("silent"), ACCEPT_MS);
      const settle: Offer["settle"] = (result) => {
        clearTimeout(timer);
        this.#offers.delete(key);
        resolve(result);
      };
      this.#offers.set(key, { runner, settle });
      runner.socket.send(command);
    });
    if (outcome === "silent") runner.answers = false;
    return outcome === "accepted" && !this.isGone(id);
  }

  #abandon(runner: Runner): void {
    for (const offer of [...this.#offers.values()]) if (offer.runner === runner) offer.settle("refused");
  }

  /** Drops every control socket. */
  close(): void {
    for (const id of [...this.#runners.keys()]) this.#forget(id);
  }
}

function offerKey({ run, fence }: { run: string; fence: number }): string {
  return `${run}#${fence}`;
}
