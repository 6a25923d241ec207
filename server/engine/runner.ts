/** A runner: a number of slots, each of which can execute one run. Keeps nothing that a run would miss if it died. */
import type { RunnerCommand } from "../../party/protocol/internal.ts";
import { Control } from "./control.ts";
import type { Execution, Host } from "./execution.ts";

export type RunnerOptions = {
  host: Host;
  /** runs at the same time */
  slots: number;
  /** the api has taken the runner in for the first time */
  connected(): void;
};

type Slot = {
  fence: number;
  /** undefined while the code of runs is loaded */
  execution: Execution | undefined;
  /** settles when the slot is free again */
  freed: Promise<void>;
  /** a newer claim of the run takes the place of this one */
  replaced: boolean;
};

export class Runner {
  readonly #options: RunnerOptions;
  readonly #control: Control;
  /** by run */
  readonly #slots = new Map<string, Slot>();
  #stopping = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { host, slots, connected } = options;
    this.#control = new Control({
      home: host.home,
      hello: () => ({
        type: "hello",
        runner: host.runner,
        slots,
        sandbox: host.sandbox.kind,
        running: [...this.#slots.keys()],
      }),
      offered: (command) => this.#offered(command),
      connected,
    });
  }

  /** Stops every run without ending it: another runner goes on. Settles when nothing of them is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const freed = [...this.#slots.values()].map((slot) => {
      slot.execution?.close();
      return slot.freed;
    });
    await Promise.all(freed);
    this.#control.close();
  }

  #offered(command: RunnerCommand): void {
    const { run, fence } = command;
    const older = this.#slots.get(run);
    const isFull = !older && this.#slots.size >= this.#options.slots;
    if (this.#stopping || isFull || (older && older.fence >= fence)) {
      this.#control.send({ type: "refused", run, fence });
      return;
    }
    this.#control.send({ type: "accepted", run, fence });
    const slot: Slot = { fence, execution: undefined, freed: Promise.resolve(), replaced: false };
    slot.freed = this.#occupy(command, slot, older);
    this.#slots.set(run, slot);
  }

  async #occupy(command: RunnerCommand, slot: Slot, older: Slot | undefined): Promise<void> {
    const { run, fence } = command;
    try {
      if (older) {
        // Its lease is gone, or the room would not offer the run again: what it started must be dead before the claim.
        older.replaced = true;
        older.execution?.close();
        await older.freed;
      }
      const { execute } = await import("./execution.ts");
      if (this.#stopping || slot.replaced) return;
      slot.execution = execute(command, this.#options.host);
      await slot.execution.done;
    } catch (error) {
      console.error(`run ${run} could not be started`, error);
    } finally {
      if (this.#slots.get(run) === slot) this.#slots.delete(run);
      this.#control.send({ type: "finished", run, fence });
    }
  }
}
