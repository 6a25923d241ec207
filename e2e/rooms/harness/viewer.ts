/** A person's socket to a room, as the app has one: frames as they come, and the log they add up to. */
import WebSocket from "ws";
import { newId } from "../../../party/protocol/ids.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import { type Party, partySegment, signTicket, type TicketClaims } from "../../../party/protocol/tickets.ts";
import { until } from "../../harness/until.ts";
import { ROOMS_SECRET, type Rooms, TICKET_SECRET } from "./rooms.ts";

/** Options of every socket here: after both Close frames it waits for the connection's end only so many ms, as browsers do. */
export const CLIENT = { perMessageDeflate: false, closeTimeout: 500 };

export type Frame = { type: string } & Record<string, unknown>;
export type LogEvent = { seq: number; at: string; type: string } & Record<string, unknown>;
type Hello = { mode: string; reason?: string; epoch: string; head: number; you: { id: string; role: string } };

export type Who = { id: string; name: string; role: TicketClaims["role"]; rights: number; session?: string };

export const OLGA: Who = { id: "u_olga", name: "Olga", role: "owner", rights: 1 };
export const ANA: Who = { id: "u_ana", name: "Ana", role: "operator", rights: 1 };
export const BEN: Who = { id: "u_ben", name: "Ben", role: "member", rights: 1 };

export type ViewOptions = { who?: Who; cursor?: { epoch: string; after: number }; claims?: Partial<TicketClaims> };

export function ticketFor(party: Party, room: string, company: string, who: Who, extra: Partial<TicketClaims> = {}): string {
  return signTicket(TICKET_SECRET, {
    id: newId("st"),
    party,
    room,
    company,
    person: { id: who.id, name: who.name },
    role: who.role,
    rights: who.rights,
    session: who.session,
    expiresAt: Date.now() + 30_000,
    ...extra,
  });
}

/** Headers and path of an upgrade as the api's front sends them. */
export function upgradeOf(rooms: Rooms, party: Party, room: string, query: URLSearchParams) {
  const path = `/parties/${partySegment(party)}/${room}?${query}`;
  return {
    url: rooms.url.replace("http", "ws") + path,
    headers: { ...signRequest(ROOMS_SECRET, "GET", path, "", Date.now()), "x-atrium-socket": "viewer" },
  };
}

export class Viewer {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  /** durable events by arrival, snapshots not counted */
  readonly events: LogEvent[] = [];
  closed: { code: number; reason: string } | undefined;
  refused: number | undefined;
  #commands = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => {
      const frame: Frame = JSON.parse(String(data));
      this.frames.push(frame);
      // As the app does.
      if (frame.type === "hello") this.send({ type: "presence" });
      if (frame.type === "events" && Array.isArray(frame.events)) this.events.push(...frame.events);
      if (frame.type === "events" && frame.more === true) this.send({ type: "more", seq: this.events.at(-1)?.seq ?? 0 });
    });
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on("unexpected-response", (request, response) => {
      this.refused = response.statusCode;
      request.destroy();
    });
    // Told by `closed` and `refused`.
    socket.on("error", () => undefined);
  }

  /** Connects with a ticket of its own and waits for `hello` and the snapshot or tail that follows it. */
  static async join(rooms: Rooms, party: Party, room: string, company: string, options: ViewOptions = {}): Promise<Viewer> {
    const ticket = ticketFor(party, room, company, options.who ?? ANA, options.claims);
    const query = new URLSearchParams({ ticket });
    if (options.cursor) {
      query.set("epoch", options.cursor.epoch);
      query.set("after", String(options.cursor.after));
    }
    const viewer = Viewer.open(rooms, party, room, query);
    await until("the greeting", () => {
      if (viewer.closed) throw new Error(`closed with ${viewer.closed.code}: ${viewer.closed.reason}`);
      return viewer.frames.some((frame) => frame.type === "presence");
    });
    return viewer;
  }

  static open(rooms: Rooms, party: Party, room: string, query: URLSearchParams): Viewer {
    const { url, headers } = upgradeOf(rooms, party, room, query);
    return new Viewer(new WebSocket(url, { headers, ...CLIENT }));
  }

  get hello(): Hello {
    const hello = this.frames.find((frame) => frame.type === "hello");
    if (!hello) throw new Error("no hello yet");
    const { mode, reason, epoch, head, you } = hello as Frame & Hello;
    return { mode, reason, epoch, head, you };
  }

  /** The state of the newest snapshot, joined from its parts. */
  snapshot<S>(): { seq: number; state: S } {
    const parts = this.frames.filter((frame) => frame.type === "snapshot");
    return { seq: Number(parts[0]?.seq), state: JSON.parse(parts.map((part) => part.state).join("")) };
  }

  /** seq the viewer has reached. */
  get seq(): number {
    return this.events.at(-1)?.seq ?? this.hello.head;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Sends a command and waits for its one answer. */
  async command(command: object, options: { id?: string; deadline?: string } = {}): Promise<Frame> {
    this.#commands += 1;
    const id = options.id ?? `${newId("cmd")}${this.#commands}`;
    const before = this.frames.length;
    this.send({ type: "command", id, deadline: options.deadline ?? new Date(Date.now() + 10_000).toISOString(), command });
    return until("the answer to a command", () =>
      this.frames.slice(before).find((frame) => (frame.type === "ack" || frame.type === "nack") && frame.id === id),
    );
  }

  async event(type: string, test: (event: LogEvent) => boolean = () => true): Promise<LogEvent> {
    return until(`an event ${type}`, () => this.events.find((event) => event.type === type && test(event)));
  }

  async frame(type: string, test: (frame: Frame) => boolean = () => true): Promise<Frame> {
    return until(`a frame ${type}`, () => this.frames.find((frame) => frame.type === type && test(frame)));
  }

  async end(): Promise<{ code: number; reason: string }> {
    return until("the end of a socket", () => this.closed);
  }

  async leave(): Promise<void> {
    this.socket.close(1000);
    await this.end();
  }
}
