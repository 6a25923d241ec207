/** The api's side of a room: one ordered socket for records, commands and wakes. */
import WebSocket from "ws";
import { newId } from "../../../party/protocol/ids.ts";
import { linkAnswers, type OpAnswer, type RecordChange, type RoomOp, roomPath } from "../../../party/protocol/internal.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { until } from "../../harness/until.ts";
import { ROOMS_SECRET, type Rooms } from "./rooms.ts";
import { CLIENT } from "./viewer.ts";

/** Rows of records count up over a whole test file, as they do in the database. */
let row = 0;

export class Link {
  readonly socket: WebSocket;
  readonly #answers = new Map<number, OpAnswer>();
  readonly #generation: number;
  #n = 0;

  private constructor(socket: WebSocket, generation: number) {
    this.socket = socket;
    this.#generation = generation;
    socket.on("message", (data) => {
      for (const answer of linkAnswers.parse(JSON.parse(String(data))).items) this.#answers.set(answer.n, answer);
    });
    socket.on("error", () => undefined);
  }

  static async to(rooms: Rooms, party: Party, room: string): Promise<Link> {
    const path = roomPath(party, room);
    const headers = { ...signRequest(ROOMS_SECRET, "GET", path, "", Date.now()), "x-atrium-socket": "link" };
    const socket = new WebSocket(rooms.url.replace("http", "ws") + path, {
      headers,
      ...CLIENT,
    });
    await new Promise((done, failed) => socket.once("open", done).once("error", failed));
    return new Link(socket, rooms.generation);
  }

  /** Sends items in one frame; the answers come in their order. */
  async batch(bodies: RoomOp[], ids: string[] = bodies.map(() => newId("st"))): Promise<OpAnswer[]> {
    const items = bodies.map((body, index) => {
      this.#n += 1;
      return { n: this.#n, id: ids[index] ?? newId("st"), body };
    });
    this.socket.send(JSON.stringify({ type: "batch", items }));
    await until("answers of a room", () => items.every(({ n }) => this.#answers.has(n)));
    return items.flatMap(({ n }) => this.#answers.get(n) ?? []);
  }

  async send(body: RoomOp, id = newId("st")): Promise<OpAnswer> {
    const [answer] = await this.batch([body], [id]);
    if (!answer) throw new Error("the room did not answer");
    return answer;
  }

  async record(change: RecordChange): Promise<OpAnswer> {
    row += 1;
    const answer = await this.send({ op: "record", generation: this.#generation, row, change });
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer;
  }

  close(): void {
    this.socket.close(1000);
  }
}
