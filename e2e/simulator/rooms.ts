/** The rooms' process: every room of a company, their network, and what can happen to all of them at once. */
import { agentCore } from "../../party/agent/core.ts";
import { companyCore } from "../../party/company/core.ts";
import type { PrivateRows, RoomCore } from "../../party/lib/core.ts";
import type { HttpAnswer } from "../../party/lib/intake.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import { partyOfSegment } from "../../party/protocol/tickets.ts";
import { sessionCore } from "../../party/session/core.ts";
import type { Kernel } from "./kernel.ts";
import { Connection, type End } from "./network.ts";
import { SimRoom } from "./room.ts";

/** How likely the world misbehaves; all 0 once the faults stop. */
export type Weather = {
  /** a request or its answer is lost */
  lost: number;
  /** a request arrives twice */
  doubled: number;
  /** a commit fails */
  disk: number;
};

const CALM: Weather = { lost: 0, doubled: 0, disk: 0 };

/** ms a request between rooms takes at most */
const ROOM_MS = 3;
/** ms a request to the api takes at most */
const API_MS = 20;
/** ms after which a room gives up on the api */
const API_TIMEOUT_MS = 8_000;
/** ms a killed process is away */
const DOWN_MS = [100, 2_500] as const;
const HOUR_MS = 3_600_000;

export type ApiHandler = (path: string, body: string) => HttpAnswer | "no answer" | "away";

// A core is used through the contract alone here: its own state and rows never leave it.
const CORES = { company: companyCore, agent: agentCore, session: sessionCore } as unknown as Record<
  Party,
  RoomCore<unknown, PrivateRows, { type: string }>
>;

export class RoomsProcess {
  readonly #kernel: Kernel;
  readonly #rooms = new Map<string, SimRoom>();
  weather: Weather = CALM;
  up = true;
  /** dies at the next commit that somebody waits for */
  doomed = false;
  /** by how much the rooms' clock is wrong */
  #skew = 0;
  onApi: ApiHandler = () => "away";
  readonly failures: string[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  room(party: Party, id: string): SimRoom {
    const key = `${party}/${id}`;
    let room = this.#rooms.get(key);
    if (!room) {
      room = new SimRoom(CORES[party], id, {
        kernel: this.#kernel,
        generation: 1,
        clock: () => this.clock(),
        postRoom: (from, to, name, path, body) => this.#postRoom(from, to, name, path, body),
        postApi: (_from, path, body) => this.#postApi(path, body),
        failed: (where, error) => this.failures.push(`${where}: ${error instanceof Error ? error.stack : String(error)}`),
        diskFails: () => this.#chance(this.weather.disk),
        killsNow: () => {
          if (!this.doomed) return false;
          this.kill();
          return true;
        },
      });
      this.#rooms.set(key, room);
    }
    return room;
  }

  get rooms(): SimRoom[] {
    return [...this.#rooms.values()];
  }

  clock(): number {
    return Math.floor(this.#kernel.now + this.#skew);
  }

  /** A client's end of a new connection to a room; undefined while the process is down. */
  connect(enter: (end: End) => void): End | undefined {
    if (!this.up) return undefined;
    const connection = new Connection(this.#kernel);
    connection.carry(connection.b, () => {
      if (this.up) enter(connection.b);
      else connection.cut();
    });
    return connection.a;
  }

  /** kill -9: memory and unflushed writes are gone, sockets break, and the clock may be another one afterwards. */
  kill(): void {
    if (!this.up) return;
    this.#kernel.note("rooms killed");
    this.up = false;
    this.doomed = false;
    for (const room of this.#rooms.values()) room.crash();
    this.#kernel.after(this.#kernel.random.between(...DOWN_MS), () => {
      const { random } = this.#kernel;
      if (this.weather !== CALM && random.next() < 0.2) this.#skew = (random.next() * 2 - 1) * HOUR_MS;
      this.#kernel.note(`rooms up, clock wrong by ${Math.round(this.#skew / 1_000)} s`);
      this.up = true;
      for (const room of this.#rooms.values()) room.revive();
    });
  }

  calm(): void {
    this.doomed = false;
    this.weather = CALM;
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#kernel.random.next() < probability;
  }

  async #postRoom(from: SimRoom, segment: string, id: string, path: string, body: string): Promise<HttpAnswer> {
    const party = partyOfSegment(segment);
    if (!party) throw new Error(`no party ${segment}`);
    const target = this.room(party, id);
    const once = () =>
      new Promise<HttpAnswer>((resolve, reject) => {
        const { random } = this.#kernel;
        this.#kernel.after(random.next() * ROOM_MS, () => {
          if (!this.up || this.#chance(this.weather.lost)) return reject(new Error("the request was lost"));
          const { life } = target;
          target.turn(`request ${path} of ${from.name}`, async ({ intake }) => {
            const answer = await intake.request("POST", path, new URLSearchParams(), body);
            target.output(() => {
              if (this.#chance(this.weather.lost)) reject(new Error("the answer was lost"));
              else this.#kernel.after(random.next() * ROOM_MS, () => resolve(answer));
            });
          });
          // A target that is reset takes the answer with it.
          this.#kernel.after(API_TIMEOUT_MS, () => {
            if (life !== target.life) reject(new Error("the room was reset"));
          });
        });
      });
    if (this.#chance(this.weather.doubled)) once().catch(() => undefined);
    return once();
  }

  #postApi(path: string, body: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { random } = this.#kernel;
      const arrive = (answerTo: (answer: HttpAnswer) => void) => {
        if (this.#chance(this.weather.lost)) return this.#kernel.after(random.next() * API_MS, () => reject(new Error("lost")));
        const answer = this.onApi(path, body);
        if (answer === "away") return reject(new Error("connection refused"));
        if (answer === "no answer" || this.#chance(this.weather.lost)) {
          this.#kernel.after(API_TIMEOUT_MS, () => reject(new Error("no answer")));
          return;
        }
        this.#kernel.after(random.next() * API_MS, () => answerTo(answer));
      };
      if (this.#chance(this.weather.doubled)) this.#kernel.after(random.next() * API_MS * 5, () => arrive(() => undefined));
      this.#kernel.after(random.next() * API_MS, () => arrive(resolve));
    });
  }
}
