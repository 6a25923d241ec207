/** The calls of a run that are being carried out now, beside each other. */
import { carryOut, type DueCall, type EffectPorts } from "./effects.ts";

export class RunningCalls {
  readonly #ports: EffectPorts;
  readonly #stop: AbortSignal;
  readonly #ended: () => void;
  readonly #running = new Set<Promise<void>>();
  #defect: { error: unknown } | undefined;

  /**
   * @param stop fires when everything that runs is to be killed
   * @param ended called when a call is over
   */
  constructor(ports: EffectPorts, stop: AbortSignal, ended: () => void) {
    this.#ports = ports;
    this.#stop = stop;
    this.#ended = ended;
  }

  start(due: DueCall): void {
    const work = carryOut(this.#ports, due, this.#stop)
      .catch((error: unknown) => {
        this.#defect ??= { error };
      })
      .finally(() => {
        this.#running.delete(work);
        this.#ended();
      });
    this.#running.add(work);
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  /** @throws what kept a call from being told of: a lost lease, a refused frame, a defect of ours */
  check(): void {
    if (this.#defect) throw this.#defect.error;
  }

  /** Resolves when nothing runs any more and all of it was told, to the room of the approvals too. */
  async over(): Promise<void> {
    await Promise.all(this.#running);
  }
}
