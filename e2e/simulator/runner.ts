/**
 * A runner under simulation: carries out a plan written in the prompt, one letter a step, and keeps to the rules of the
 * feeder: the room's word before an effect, frames again after a broken connection, silence after a lost lease.
 *
 * `t` writes a block of text · `a` a call that needs nobody · `s` a call that needs consent soon · `p` one that can wait a week
 */
import { argumentsDigest } from "../../party/protocol/digest.ts";
import type { FeederAnswer, FeederFrame } from "../../party/protocol/internal.ts";
import { LIMITS } from "../../party/protocol/limits.ts";
import type { RunEvent } from "../../party/protocol/run-events.ts";
import type { Api } from "./api.ts";
import type { Kernel } from "./kernel.ts";
import type { End } from "./network.ts";
import type { Oracle } from "./oracle.ts";
import type { RoomsProcess } from "./rooms.ts";
import { type Claimed, Script } from "./script.ts";

const SLOTS = 3;
/** ms an offer takes to the runner */
const OFFER_MS = 5;
/** ms between two attempts to reach the room */
const RECONNECT_MS = 80;

export type World = { kernel: Kernel; rooms: RoomsProcess; api: Api; oracle: Oracle; company: string };

export class Runner {
  readonly id: string;
  readonly world: World;
  readonly #feeders = new Set<Feeder>();
  alive = true;
  /** what should happen while it is frozen */
  #frozen: (() => void)[] | undefined;

  constructor(id: string, world: World) {
    this.id = id;
    this.world = world;
    world.api.runners.set(id, this);
  }

  get free(): boolean {
    return this.alive && this.#feeders.size < SLOTS;
  }

  get busy(): number {
    return this.#feeders.size;
  }

  offer(agent: string, run: string, fence: number): void {
    this.later(OFFER_MS, () => {
      const feeder = new Feeder(this, agent, run, fence, () => this.#feeders.delete(feeder));
      this.#feeders.add(feeder);
      feeder.connect();
    });
  }

  /** Does something of the runner's own: not when it is dead, and only later while it is frozen. */
  later(ms: number, act: () => void): void {
    this.world.kernel.after(ms, () => this.act(act));
  }

  act(act: () => void): void {
    if (!this.alive) return;
    if (this.#frozen) this.#frozen.push(act);
    else act();
  }

  kill(): void {
    this.world.kernel.note(`${this.id} killed`);
    this.alive = false;
    this.world.api.runners.delete(this.id);
    for (const feeder of this.#feeders) feeder.cut();
    this.#feeders.clear();
  }

  /** SIGSTOP: it neither acts nor notices anything until it is woken, and then everything at once. */
  freeze(ms: number): void {
    if (this.#frozen || !this.alive) return;
    this.world.kernel.note(`${this.id} frozen for ${ms} ms`);
    this.#frozen = [];
    this.world.kernel.after(ms, () => {
      const waiting = this.#frozen ?? [];
      this.#frozen = undefined;
      for (const act of waiting) this.act(act);
    });
  }
}

type Sent = { n: number; text: string; resolve: () => void; reject: (error: Error) => void; at: number };

/** The lease is gone: whatever the run was about to do, it must not. */
export class LeaseLost extends Error {}

export class Feeder {
  readonly runner: Runner;
  readonly agent: string;
  readonly run: string;
  readonly fence: number;
  readonly #over: () => void;
  readonly #script: Script;
  #end: End | undefined;
  /** the connection has a granted claim: frames may be sent */
  #open = false;
  #lost = false;
  #n = 0;
  #unacked: Sent[] = [];
  #journal: unknown[] = [];
  #confirmedAt: number;
  #begun = false;

  constructor(runner: Runner, agent: string, run: string, fence: number, over: () => void) {
    this.runner = runner;
    this.agent = agent;
    this.run = run;
    this.fence = fence;
    this.#over = over;
    this.#confirmedAt = runner.world.kernel.now;
    this.#script = new Script(this);
    this.#renewLater();
  }

  /** True while the runner may act; checked by its own clock before every effect. */
  held(): boolean {
    if (!this.#lost && this.runner.world.kernel.now - this.#confirmedAt >= LIMITS.leaseSelfStopMs) this.lose();
    return this.#begun && !this.#lost && this.runner.alive;
  }

  connect(): void {
    if (this.#lost || !this.runner.alive) return;
    const { rooms } = this.runner.world;
    const end = rooms.connect((there) =>
      rooms.room("agent", this.agent).accept(there, (socket) => socket.setState({ k: "feeder" })),
    );
    if (!end) {
      this.runner.later(RECONNECT_MS, () => this.connect());
      return;
    }
    this.#end = end;
    this.#journal = [];
    end.listener = {
      message: (text) => this.runner.act(() => end === this.#end && this.#take(JSON.parse(text))),
      closed: () =>
        this.runner.act(() => {
          if (end !== this.#end) return;
          this.#end = undefined;
          this.#open = false;
          this.runner.later(RECONNECT_MS, () => this.connect());
        }),
    };
    this.#send({ type: "claim", run: this.run, runner: this.runner.id, fence: this.fence });
  }

  cut(): void {
    this.#end?.cut();
  }

  /** Tells the room and waits until it has stored it. */
  commit(events: RunEvent[], extra: Partial<Extract<FeederFrame, { type: "events" }>> = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(new LeaseLost());
      this.#n += 1;
      const frame: FeederFrame = { type: "events", fence: this.fence, n: this.#n, events, ...extra };
      const text = JSON.stringify(frame);
      this.#unacked.push({ n: this.#n, text, resolve, reject, at: this.runner.world.kernel.now });
      if (this.#open) this.#sendText(text);
    });
  }

  live(offset: number, block: string, text: string): void {
    if (this.#open) {
      this.#send({
        type: "live",
        fence: this.fence,
        items: [{ type: "block.delta", run: this.run, block, kind: "text", offset, text }],
      });
    }
  }

  /** Stops at once and says nothing more. */
  lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#end?.cut();
    this.#end = undefined;
    for (const sent of this.#unacked.splice(0)) sent.reject(new LeaseLost());
    this.#over();
  }

  digest(input: string): string {
    return argumentsDigest("shell", input, "/workspace");
  }

  #take(answer: FeederAnswer): void {
    switch (answer.type) {
      case "journal":
        this.#journal.push(...answer.entries.map((entry) => entry.data));
        break;
      case "claimed":
        this.#claimed(answer);
        break;
      case "ack": {
        const sent = this.#unacked.find(({ n }) => n === answer.n);
        if (!sent) break;
        this.#confirmedAt = Math.max(this.#confirmedAt, sent.at);
        this.#unacked = this.#unacked.filter((one) => one !== sent);
        sent.resolve();
        break;
      }
      case "nack":
        this.runner.world.oracle.fail(`${this.run}: frame ${answer.n} was refused: ${answer.code} ${answer.message}`);
        this.lose();
        break;
      case "renewed":
        this.#confirmedAt = this.runner.world.kernel.now;
        break;
      case "refused":
      case "fenced":
        this.lose();
        break;
      case "steer":
      case "decided":
      case "answered":
      case "interrupt":
      case "cancel":
        this.#script.heard(answer);
        break;
    }
  }

  #claimed(claimed: Claimed): void {
    const { oracle, kernel } = this.runner.world;
    oracle.claimed(this.run, claimed.fence, this.runner.id);
    this.#open = true;
    this.#confirmedAt = kernel.now;
    if (!this.#begun) {
      this.#begun = true;
      this.#n = claimed.last;
      this.#script.play(claimed, this.#journal).then(
        () => this.lose(),
        (error: unknown) => {
          if (!(error instanceof LeaseLost))
            oracle.fail(`the script failed: ${error instanceof Error ? error.stack : String(error)}`);
          this.lose();
        },
      );
      return;
    }
    for (const sent of [...this.#unacked]) {
      if (sent.n > claimed.last) this.#sendText(sent.text);
      else {
        this.#unacked = this.#unacked.filter((one) => one !== sent);
        sent.resolve();
      }
    }
    this.#script.standing(claimed);
  }

  #renewLater(): void {
    this.runner.later(LIMITS.leaseRenewMs, () => {
      if (this.#lost) return;
      if (this.held() && this.#open) this.#send({ type: "renew" });
      this.#renewLater();
    });
  }

  #send(frame: FeederFrame): void {
    this.#sendText(JSON.stringify(frame));
  }

  #sendText(text: string): void {
    if (this.#end?.state === "open") this.#end.send(text);
  }
}
