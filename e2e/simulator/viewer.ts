/** A person's screen under simulation: goes on by cursor, folds what it is shown, repeats commands until they are answered. */
import { EMPTY_AGENT, evolveAgent } from "../../party/protocol/agent-state.ts";
import type { RoomCommand } from "../../party/protocol/commands.ts";
import { EMPTY_COMPANY, evolveCompany } from "../../party/protocol/company-state.ts";
import type { Role } from "../../party/protocol/roles.ts";
import { EMPTY_SESSION, evolveSession } from "../../party/protocol/session-state.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import { newIdFrom } from "./ids.ts";
import type { Kernel } from "./kernel.ts";
import type { End } from "./network.ts";
import type { LogEvent, Oracle } from "./oracle.ts";
import type { RoomsProcess } from "./rooms.ts";

/** ms between two attempts to connect */
const RECONNECT_MS = 120;
/** ms a command counts */
const DEADLINE_MS = 30_000;

// A reducer takes the events of its own party: what this viewer is shown.
const REDUCERS = {
  company: { empty: EMPTY_COMPANY, evolve: evolveCompany },
  agent: { empty: EMPTY_AGENT, evolve: evolveAgent },
  session: { empty: EMPTY_SESSION, evolve: evolveSession },
} as unknown as Record<Party, { empty: unknown; evolve(state: unknown, event: LogEvent): unknown }>;

export type Person = { id: string; name: string; role: Role; rights: number };
type Waiting = { frame: string; answered: (answer: Record<string, unknown>) => void };

export class Viewer {
  readonly person: Person;
  readonly party: Party;
  readonly room: string;
  readonly #kernel: Kernel;
  readonly #rooms: RoomsProcess;
  readonly #oracle: Oracle;
  #end: End | undefined;
  #greeted = false;
  epoch: string | undefined;
  seq = 0;
  state: unknown;
  #parts: string[] = [];
  readonly #waiting = new Map<string, Waiting>();
  /** answered commands that are sent once more with the next connection, and what they were answered */
  readonly #again = new Map<string, Waiting & { answer: string }>();
  /** how the room's clock differs from ours, by its hello */
  #skew = 0;

  constructor(kernel: Kernel, rooms: RoomsProcess, oracle: Oracle, person: Person, party: Party, room: string) {
    this.#kernel = kernel;
    this.#rooms = rooms;
    this.#oracle = oracle;
    this.person = person;
    this.party = party;
    this.room = room;
    this.state = REDUCERS[party].empty;
    this.#connect();
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get atHead(): boolean {
    return this.seq === this.#rooms.room(this.party, this.room).head;
  }

  /** Sends a command; its answer comes once, over however many connections it takes. */
  command(command: RoomCommand, answered: (answer: Record<string, unknown>) => void = () => {}): void {
    const id = newIdFrom(this.#kernel, "cmd");
    const deadline = new Date(this.#kernel.now + this.#skew + DEADLINE_MS).toISOString();
    const frame = JSON.stringify({ type: "command", id, deadline, command });
    this.#waiting.set(id, { frame, answered });
    if (this.#greeted) this.#send(frame);
  }

  /** Cuts the connection: a tunnel, a closed lid. */
  cut(): void {
    this.#end?.cut();
  }

  /** Reads nothing for a while. */
  pause(ms: number): void {
    const end = this.#end;
    if (!end || end.paused) return;
    end.paused = true;
    this.#kernel.after(ms, () => end.resume());
  }

  #connect(): void {
    const cursor = this.epoch === undefined ? undefined : { epoch: this.epoch, after: this.seq };
    const { id, name, role, rights } = this.person;
    const end = this.#rooms.connect((there) =>
      this.#rooms.room(this.party, this.room).join(there, { k: "viewer", person: { id, name }, role, rights }, cursor),
    );
    if (!end) {
      this.#kernel.after(RECONNECT_MS, () => this.#connect());
      return;
    }
    this.#end = end;
    this.#greeted = false;
    this.#parts = [];
    end.listener = {
      message: (text) => end === this.#end && this.#take(JSON.parse(text)),
      closed: () => {
        if (end !== this.#end) return;
        this.#end = undefined;
        this.#greeted = false;
        this.#kernel.after(this.#kernel.random.next() * RECONNECT_MS * 2, () => this.#connect());
      },
    };
  }

  #take(frame: Record<string, unknown>): void {
    switch (frame.type) {
      case "hello":
        this.#hello(frame);
        break;
      case "snapshot":
        this.#parts.push(String(frame.state));
        if (frame.part === frame.parts) {
          this.state = JSON.parse(this.#parts.join(""));
          this.seq = Number(frame.seq);
          this.#parts = [];
        }
        break;
      case "events":
        if (Array.isArray(frame.events)) for (const event of frame.events) this.#shown(event);
        if (frame.more === true) this.#send(JSON.stringify({ type: "more", seq: this.seq }));
        break;
      case "ack":
      case "nack": {
        const waiting = this.#waiting.get(String(frame.id));
        if (waiting) this.#answered(String(frame.id), waiting, frame);
        else this.#repeated(frame);
        break;
      }
    }
  }

  /** A room that is not ready or full asks to try again; the person does not. */
  #answered(id: string, waiting: Waiting, frame: Record<string, unknown>): void {
    this.#waiting.delete(id);
    // Some answers get lost on the way to the screen, and the command is sent again.
    if (frame.type === "ack" && this.#kernel.random.next() < 0.3)
      this.#again.set(id, { ...waiting, answer: JSON.stringify(frame) });
    waiting.answered(frame);
  }

  #repeated(frame: Record<string, unknown>): void {
    const known = this.#again.get(String(frame.id));
    this.#again.delete(String(frame.id));
    if (known && known.answer !== JSON.stringify(frame)) {
      this.#oracle.fail(`a repeated command was answered ${JSON.stringify(frame)} instead of ${known.answer}`);
    }
  }

  #hello(frame: Record<string, unknown>): void {
    this.#greeted = true;
    this.#skew = Date.parse(String(frame.now)) - this.#kernel.now;
    this.epoch = String(frame.epoch);
    if (frame.mode === "reset" && Number(frame.head) === 0) this.seq = 0;
    this.#send('{"type":"presence","place":"floor"}');
    for (const { frame: command } of [...this.#waiting.values(), ...this.#again.values()]) this.#send(command);
  }

  #shown(event: LogEvent): void {
    if (event.seq !== this.seq + 1)
      this.#oracle.fail(`${this.person.id} in ${this.room} got event ${event.seq} after ${this.seq}`);
    this.#oracle.shown(`${this.party}/${this.room}`, this.epoch ?? "", event);
    this.seq = event.seq;
    this.state = REDUCERS[this.party].evolve(this.state, event);
  }

  #send(text: string): void {
    if (this.#end?.state === "open") this.#end.send(text);
  }
}
