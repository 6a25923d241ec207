/** A network and a clock for tests of the connection: the test plays the room, frame by frame, and moves the time. */
import type { Hello, ServerFrame } from "../../../party/protocol/frames.ts";
import { PROTOCOL_VERSION } from "../../../party/protocol/limits.ts";
import type { RoomDeps, TicketAnswer, WireEvents } from "./wire.ts";

export interface SentCommand {
  type: "command";
  id: string;
  deadline: string;
  command: { type: string };
}

/** The room's end of one socket. */
export class FakeSocket {
  readonly url: URL;
  readonly sent: string[] = [];
  closedByClient = false;
  readonly #events: WireEvents;

  constructor(url: string, events: WireEvents) {
    this.url = new URL(url);
    this.#events = events;
  }

  open(): this {
    this.#events.opened();
    return this;
  }

  say(frame: ServerFrame): this {
    this.#events.message(JSON.stringify(frame));
    return this;
  }

  raw(text: string): this {
    this.#events.message(text);
    return this;
  }

  hello(
    hello: Partial<Hello> & ({ mode: "resumed" } | { mode: "reset"; reason: "new" | "epoch" | "too_old" | "schema" }),
    now: number,
  ): this {
    const base = {
      type: "hello",
      v: PROTOCOL_VERSION,
      party: "agent",
      room: "ag_1",
      epoch: "e1",
      head: 0,
      you: { id: "u_1", role: "owner" },
    } as const;
    return this.say({ ...base, now: new Date(now).toISOString(), ...hello });
  }

  drop(code: number): void {
    this.#events.closed(code);
  }

  frames(type: string): Record<string, unknown>[] {
    return this.sent.map((text): Record<string, unknown> => JSON.parse(text)).filter((frame) => frame.type === type);
  }
}

export class FakeNetwork {
  now = Date.parse("2026-01-01T00:00:00Z");
  readonly sockets: FakeSocket[] = [];
  ticketAnswers: TicketAnswer[] = [];
  tickets = 0;
  #timers: { at: number; run: () => void; live: boolean }[] = [];
  #ids = 0;

  readonly deps: RoomDeps = {
    ticket: async () => {
      this.tickets++;
      return (
        this.ticketAnswers.shift() ?? { kind: "ticket", url: "ws://atrium.test/parties/agent/ag_1", ticket: `t${this.tickets}` }
      );
    },
    open: (url, events) => {
      const socket = new FakeSocket(url, events);
      this.sockets.push(socket);
      return {
        send: (text) => void socket.sent.push(text),
        close: () => {
          socket.closedByClient = true;
        },
      };
    },
    now: () => this.now,
    after: (ms, run) => {
      const timer = { at: this.now + ms, run, live: true };
      this.#timers.push(timer);
      return () => {
        timer.live = false;
      };
    },
    random: () => 1,
    commandId: () => `command-${++this.#ids}`,
  };

  /** Lets promises that are already decided run. */
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  /** Moves the clock and fires what falls due, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.live && timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.now = next.at;
      next.live = false;
      next.run();
      await this.settle();
    }
    this.now = end;
    await this.settle();
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }
}
