/** One room under simulation: the real shell and core over a disk that can lose what was not flushed. */
import type { PrivateRows, RoomCore } from "../../party/lib/core.ts";
import { type HttpAnswer, Intake } from "../../party/lib/intake.ts";
import type { RoomHost, RoomSocket } from "../../party/lib/ports.ts";
import { RoomShell } from "../../party/lib/shell.ts";
import { Disk, TurnStorage, type TurnWrites } from "../../party/lib/testing/disk.ts";
import type { Cursor, ViewerSeat } from "../../party/lib/viewers.ts";
import type { Role } from "../../party/protocol/roles.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import type { Kernel } from "./kernel.ts";
import { BROKEN, type End } from "./network.ts";

/** ms a commit takes at most; rarely, the disk is much slower */
const COMMIT_MS = 4;
const SLOW_COMMIT_MS = 400;
/** bytes a socket may remember while its room sleeps */
const ATTACHMENT_BYTES = 2_048;

/** What a room reaches outside of itself, given by the process it runs in. */
export type Surroundings = {
  kernel: Kernel;
  generation: number;
  /** the rooms' clock, which may differ from the true time */
  clock(): number;
  postRoom(from: SimRoom, party: string, room: string, path: string, body: string): Promise<HttpAnswer>;
  postApi(from: SimRoom, path: string, body: string): Promise<HttpAnswer>;
  failed(where: string, error: unknown): void;
  /** how likely a commit fails, which resets the room */
  diskFails(): boolean;
  /** kills the process in the worst moment, when something is stored and nobody has heard of it. @returns whether it did */
  killsNow(): boolean;
};

/** Any core: the simulator does not look into states. */
type AnyCore = RoomCore<unknown, PrivateRows, { type: string }>;
type Awake = { shell: RoomShell<unknown, PrivateRows, { type: string }>; intake: Intake<unknown, PrivateRows, { type: string }> };
type Turn = { writes: TurnWrites; outputs: (() => void)[]; readyAt: number };

export class SimRoom {
  readonly party: Party;
  readonly id: string;
  readonly disk = new Disk();
  readonly #around: Surroundings;
  readonly #core: AnyCore;
  readonly #sockets = new Set<SimSocket>();
  #storage: TurnStorage | undefined;
  #awake: Awake | undefined;
  /** turns whose writes are not on disk, oldest first: their outputs wait for them */
  #committing: Turn[] = [];
  #outputs: (() => void)[] = [];
  /** grows when the room loses its memory: what was awaited in an earlier life never comes */
  life = 0;
  /** timers and requests under way: a room with any of them does not sleep */
  #busy = 0;
  #alarmTimer = 0;

  constructor(core: AnyCore, id: string, around: Surroundings) {
    this.#core = core;
    this.party = core.party;
    this.id = id;
    this.#around = around;
  }

  get name(): string {
    return `${this.party}/${this.id}`;
  }

  /** Everything that waits to be said or stored: 0 when the room is at rest. */
  get restless(): number {
    const shell = this.#awake?.shell;
    const behind = shell ? shell.record.log.head - shell.archive.archivedSeq + shell.outbox.depth : 0;
    return this.#committing.length + behind;
  }

  get state(): unknown {
    return this.#awake?.shell.record.state;
  }

  /** People who are let in now, with the role their socket has. */
  get seats(): { person: string; role: Role }[] {
    return [...(this.#awake?.shell.viewers ?? [])].map(({ seat }) => ({ person: seat.person.id, role: seat.role }));
  }

  get head(): number {
    return this.#awake?.shell.record.log.head ?? 0;
  }

  /** Lets the room do something, alone. Whatever it writes and says belongs to this turn. */
  turn(what: string, act: (awake: Awake) => unknown): void {
    const life = this.life;
    const run = async () => {
      const awake = await this.#wake();
      await act(awake);
    };
    run().catch((error: unknown) => {
      if (life === this.life) this.#around.failed(`${this.name} ${what}`, error);
    });
    this.#around.kernel.atEndOfTurn(() => {
      if (life === this.life) this.#endTurn();
    });
  }

  accept(end: End, enter: (socket: RoomSocket, awake: Awake) => unknown): void {
    const socket = new SimSocket(end, (output) => this.#outputs.push(output));
    const life = this.life;
    this.#sockets.add(socket);
    end.listener = {
      message: (text) => {
        if (life === this.life && socket.readyState !== CLOSED)
          this.turn("message", ({ intake }) => intake.message(socket, text));
      },
      closed: () => {
        this.#sockets.delete(socket);
        socket.readyState = CLOSED;
        if (life === this.life) this.turn("close", ({ shell }) => shell.left(socket));
      },
    };
    this.turn("join", (awake) => enter(socket, awake));
  }

  join(end: End, seat: ViewerSeat, cursor: Cursor): void {
    this.accept(end, (socket, { shell }) => shell.join(socket, seat, cursor));
  }

  /** Sleeps when nothing keeps it awake: its memory is gone, its sockets and their seats stay. */
  sleep(): void {
    if (!this.#awake || this.#busy > 0 || this.#committing.length > 0) return;
    this.#around.kernel.note(`${this.name} sleeps`);
    this.#awake = undefined;
    this.#storage = undefined;
  }

  /** Loses everything that was not on disk, its sockets included. */
  crash(): void {
    this.life += 1;
    this.#busy = 0;
    this.#awake = undefined;
    this.#storage = undefined;
    this.#committing = [];
    this.#outputs = [];
    for (const socket of this.#sockets) socket.end.cut();
    this.#sockets.clear();
    this.#alarmTimer += 1;
  }

  /** The process is up again: alarms that stood on disk fire. */
  revive(): void {
    this.#armAlarm();
  }

  async #wake(): Promise<Awake> {
    if (this.#awake) return this.#awake;
    this.#storage = new TurnStorage(this.disk);
    const shell = new RoomShell(this.#host(this.#storage), this.#core);
    const awake = { shell, intake: new Intake(shell) };
    await shell.start();
    this.#awake = awake;
    return awake;
  }

  #endTurn(): void {
    const { kernel } = this.#around;
    const writes = this.#storage?.endTurn() ?? [];
    const outputs = this.#outputs;
    this.#outputs = [];
    if (writes.length === 0 && this.#committing.length === 0) {
      for (const output of outputs) output();
      return;
    }
    const slow = kernel.random.next() < 0.01 ? SLOW_COMMIT_MS : COMMIT_MS;
    const delay = writes.length === 0 ? 0 : kernel.random.next() * slow;
    const readyAt = Math.max(kernel.now + delay, this.#committing.at(-1)?.readyAt ?? 0);
    this.#committing.push({ writes, outputs, readyAt });
    const life = this.life;
    kernel.after(readyAt - kernel.now, () => {
      if (life === this.life) this.#commit();
    });
  }

  #commit(): void {
    const turn = this.#committing.shift();
    if (!turn) return;
    if (turn.writes.length > 0 && this.#around.diskFails()) {
      this.#around.kernel.note(`${this.name} could not write and is reset`);
      this.crash();
      this.revive();
      return;
    }
    this.disk.commit(turn.writes);
    if (turn.outputs.length > 0 && this.#around.killsNow()) return;
    if (turn.writes.some((write) => "alarm" in write)) this.#armAlarm();
    for (const output of turn.outputs) output();
  }

  #armAlarm(): void {
    const { alarm } = this.disk;
    this.#alarmTimer += 1;
    if (alarm === undefined) return;
    const timer = this.#alarmTimer;
    const { kernel, clock } = this.#around;
    kernel.after(Math.max(0, alarm - clock()), () => {
      if (timer !== this.#alarmTimer) return;
      this.turn("alarm", async ({ shell }) => {
        // Gone with the handler's own writes: a crash before they are stored lets it fire again.
        if (this.#storage?.alarm === alarm) await this.#storage.deleteAlarm();
        await shell.alarm();
      });
    });
  }

  #host(storage: TurnStorage): RoomHost {
    const { kernel, generation, clock } = this.#around;
    const { life } = this;
    return {
      id: this.id,
      storage,
      env: { generation },
      // Each life here is a process of its own.
      slept: false,
      sockets: () => [...this.#sockets].filter((socket) => socket.readyState === OPEN),
      now: clock,
      random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(kernel.random.next() * 256)),
      after: (ms, task) => {
        this.#busy += 1;
        kernel.after(ms, () => {
          if (life !== this.life) return;
          this.#busy -= 1;
          this.turn("timer", task);
        });
      },
      postRoom: (party, room, path, body) => this.#post(() => this.#around.postRoom(this, party, room, path, body)),
      postApi: (path, body) => this.#post(() => this.#around.postApi(this, path, body)),
      log: (level, message, fields) => {
        if (level === "error")
          this.#around.failed(`${this.name} logged`, new Error(`${message} ${JSON.stringify(fields ?? {})}`));
      },
    };
  }

  /** A request leaves when the turn's writes are on disk; its answer begins a turn of its own. */
  #post(send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { life } = this;
    this.#busy += 1;
    return new Promise((resolve, reject) => {
      const back = (settle: () => void) => {
        if (life !== this.life) return;
        this.#busy -= 1;
        this.turn("answer", settle);
      };
      this.#outputs.push(() => {
        send().then(
          (answer) => this.#around.kernel.after(0, () => back(() => resolve(answer))),
          (error: unknown) => this.#around.kernel.after(0, () => back(() => reject(error))),
        );
      });
    });
  }

  /** Says something when this turn's writes are on disk. */
  output(say: () => void): void {
    this.#outputs.push(say);
  }
}

const OPEN = 1;
const CLOSED = 3;

class SimSocket implements RoomSocket {
  static #ids = 0;
  readonly id: string;
  readonly end: End;
  readonly #output: (output: () => void) => void;
  /** bytes that wait for the disk */
  #gated = 0;
  readyState = OPEN;
  #state: unknown = null;

  constructor(end: End, output: (output: () => void) => void) {
    SimSocket.#ids += 1;
    this.id = `socket${SimSocket.#ids}`;
    this.end = end;
    this.#output = output;
  }

  get bufferedAmount(): number {
    return this.#gated + this.end.buffered;
  }

  get state(): unknown {
    return this.#state;
  }

  setState(state: unknown): unknown {
    if ((JSON.stringify(state) ?? "").length > ATTACHMENT_BYTES) throw new Error("the seat is too large to survive a sleep");
    this.#state = structuredClone(state);
    return this.#state;
  }

  send(message: string): void {
    if (this.readyState !== OPEN) throw new Error("the socket is closed");
    this.#gated += message.length;
    this.#output(() => {
      this.#gated -= message.length;
      if (this.end.state === "open") this.end.send(message);
    });
  }

  close(code = 1000, reason = ""): void {
    if (this.readyState !== OPEN) return;
    this.readyState = 2;
    this.#output(() => this.end.close(code === BROKEN ? 1000 : code, reason));
  }
}
