/** Connections between the actors: ordered, slow, and now and then broken, without telling both ends at once. */
import type { Kernel } from "./kernel.ts";

/** One end of a connection, as its owner hears of it. */
export type Listener = { message(text: string): void; closed(code: number, reason: string): void };

/** ms until the other end notices a broken connection */
const NOTICE_MS = [1, 3_000] as const;
/** Code of a connection that ended without a Close frame. RFC 6455, 7.4.1. */
export const BROKEN = 1006;

export class Connection {
  readonly #kernel: Kernel;
  readonly a: End;
  readonly b: End;
  /** most ms one message takes */
  readonly #latency: number;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#latency = kernel.random.next() < 0.1 ? 200 : 5;
    this.a = new End(this);
    this.b = new End(this);
    this.a.peer = this.b;
    this.b.peer = this.a;
  }

  /** Carries something to an end, behind everything that travels there already. */
  carry(to: End, arrive: () => void): void {
    const at = Math.max(to.arrivesAt, this.#kernel.now + this.#kernel.random.next() * this.#latency);
    to.arrivesAt = at;
    this.#kernel.after(at - this.#kernel.now, arrive);
  }

  /** Cuts the connection: what travels is lost, each end notices at its own time. */
  cut(): void {
    for (const end of [this.a, this.b]) {
      if (end.state === "closed") continue;
      end.broken = true;
      this.#kernel.after(this.#kernel.random.between(...NOTICE_MS), () => end.end(BROKEN, ""));
    }
  }
}

export class End {
  readonly #connection: Connection;
  peer: End | undefined;
  listener: Listener | undefined;
  state: "open" | "closing" | "closed" = "open";
  /** what is sent gets lost */
  broken = false;
  /** reads nothing until it is false again */
  paused = false;
  arrivesAt = 0;
  /** bytes that travel to this end */
  unread = 0;
  /** what arrived while nothing was read */
  #held: (() => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Bytes sent that the other end has not read. */
  get buffered(): number {
    return this.peer?.unread ?? 0;
  }

  /** @throws when this end was closed, as a socket's send does */
  send(text: string): void {
    if (this.state !== "open") throw new Error("the socket is closed");
    const { peer } = this;
    if (!peer) return;
    peer.unread += text.length;
    this.#connection.carry(peer, () => {
      peer.#read(() => {
        peer.unread -= text.length;
        peer.listener?.message(text);
      });
    });
  }

  close(code: number, reason: string): void {
    if (this.state !== "open") return;
    this.state = "closing";
    const { peer } = this;
    if (!peer) return;
    this.#connection.carry(peer, () => {
      peer.#read(() => {
        peer.end(code, reason);
        this.#connection.carry(this, () => this.end(code, reason));
      });
    });
  }

  /** Cuts the whole connection. */
  cut(): void {
    this.#connection.cut();
  }

  resume(): void {
    this.paused = false;
    for (const arrive of this.#held.splice(0)) this.#read(arrive);
  }

  end(code: number, reason: string): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.listener?.closed(code, reason);
  }

  #read(arrive: () => void): void {
    if (this.broken || this.state === "closed") return;
    if (this.paused) this.#held.push(arrive);
    else arrive();
  }
}
