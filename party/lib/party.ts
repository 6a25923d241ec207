/** Puts a core into a PartyKit room class: the only file of a room that knows the platform. */
import type * as Party from "partykit/server";
import { signRequest, verifyRequest } from "../protocol/sign.ts";
import { type Party as PartyName, partySegment, ticketClaims } from "../protocol/tickets.ts";
import type { PrivateRows, RoomCore } from "./core.ts";
import type { FeederSeat } from "./feeders.ts";
import { Intake } from "./intake.ts";
import type { RoomHost, RoomSocket } from "./ports.ts";
import { type LinkSeat, RoomShell } from "./shell.ts";
import type { Cursor, ViewerSeat } from "./viewers.ts";

/** ms; above what a commit of the api takes on a busy disk, below the time after which a run is dispatched again */
const API_ANSWER_MS = 8_000;

/** Headers the host puts on an upgrade after it checked it; a client's own `x-atrium-*` never get this far. */
export const ADMITTED = {
  kind: "x-atrium-kind",
  claims: "x-atrium-claims",
  epoch: "x-atrium-epoch",
  after: "x-atrium-after",
} as const;

function environment(env: Record<string, unknown>, name: string): string {
  const value = env[name];
  if (typeof value !== "string" || value === "") throw new Error(`the binding ${name} is missing`);
  return value;
}

/** Rooms this process has had awake: a start of one of these is the end of its sleep, not a restart. */
const known = new Set<string>();

function hostOf(room: Party.Room, party: PartyName): RoomHost {
  const secret = environment(room.env, "ROOMS_SECRET");
  const api = environment(room.env, "INTERNAL_URL");
  const signed = (path: string, body: string) => ({
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...signRequest(secret, "POST", path, body, Date.now()) },
  });
  const name = `${party}:${room.id}`;
  const slept = known.has(name);
  known.add(name);
  return {
    id: room.id,
    slept,
    storage: {
      get: (key) => room.storage.get(key),
      getMany: (keys) => room.storage.get(keys),
      list: (options) => room.storage.list(options),
      put: (entries) => room.storage.put(entries),
      delete: (keys) => room.storage.delete(keys),
      setAlarm: (at) => room.storage.setAlarm(at),
      deleteAlarm: () => room.storage.deleteAlarm(),
    },
    env: { generation: Number(environment(room.env, "GENERATION")) },
    sockets: () => room.getConnections(),
    now: () => Date.now(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    after: (ms, task) => void setTimeout(task, ms),
    async postRoom(party, id, path, body) {
      const full = `/parties/${partySegment(party as PartyName)}/${encodeURIComponent(id)}${path}`;
      const stub = room.context.parties[partySegment(party as PartyName)]?.get(id);
      if (!stub) throw new Error(`no party ${party}`);
      const answer = await stub.fetch(full, signed(full, body));
      return { status: answer.status, body: await answer.text() };
    },
    async postApi(path, body) {
      // An api that is frozen accepts and never answers: without an end the archive would wait for it forever.
      const answer = await fetch(`${api}${path}`, { ...signed(path, body), signal: AbortSignal.timeout(API_ANSWER_MS) });
      return { status: answer.status, body: await answer.text() };
    },
    log: (level, message, fields) => console[level](JSON.stringify({ level, room: room.id, message, ...fields })),
  };
}

/** Makes the class that `partykit.json` names from a core. */
export function roomClass<S, P extends PrivateRows, E extends { type: string }>(core: RoomCore<S, P, E>): Party.Worker {
  return class Room implements Party.Server {
    readonly options: Party.ServerOptions = { hibernate: true };
    readonly #room: Party.Room;
    #shell: RoomShell<S, P, E> | undefined;
    #intake: Intake<S, P, E> | undefined;

    constructor(room: Party.Room) {
      this.#room = room;
    }

    async onStart(): Promise<void> {
      const shell = new RoomShell(hostOf(this.#room, core.party), core);
      await shell.start();
      this.#shell = shell;
      this.#intake = new Intake(shell);
    }

    get #ready(): { shell: RoomShell<S, P, E>; intake: Intake<S, P, E> } {
      if (!this.#shell || !this.#intake) throw new Error("the room has not started");
      return { shell: this.#shell, intake: this.#intake };
    }

    async onConnect(connection: Party.Connection, { request }: Party.ConnectionContext): Promise<void> {
      const socket: RoomSocket = connection;
      const { shell } = this.#ready;
      const header = (name: string) => request.headers.get(name);
      switch (header(ADMITTED.kind)) {
        case "link": {
          const seat: LinkSeat = { k: "link" };
          socket.setState(seat);
          return;
        }
        case "feeder": {
          const seat: FeederSeat = { k: "feeder" };
          socket.setState(seat);
          return;
        }
        default: {
          const claims = ticketClaims.parse(JSON.parse(decodeURIComponent(header(ADMITTED.claims) ?? "")));
          const { person, role, rights, session } = claims;
          const seat: ViewerSeat = { k: "viewer", person, role, rights, session };
          const after = Number(header(ADMITTED.after));
          const epoch = header(ADMITTED.epoch);
          const cursor: Cursor = epoch && Number.isInteger(after) && after >= 0 ? { epoch, after } : undefined;
          await shell.join(socket, seat, cursor);
        }
      }
    }

    async onMessage(message: string | ArrayBuffer | ArrayBufferView, sender: Party.Connection): Promise<void> {
      const text = typeof message === "string" ? message : new TextDecoder().decode(message);
      await this.#ready.intake.message(sender, text);
    }

    onClose(connection: Party.Connection): void {
      this.#ready.shell.left(connection);
    }

    onError(connection: Party.Connection, _error: Error): void {
      this.#ready.shell.left(connection);
    }

    /** Answers signed requests only: loopback is reachable by every program on the machine. */
    async onRequest(request: Party.Request): Promise<Response> {
      const url = new URL(request.url);
      const body = await request.text();
      const secret = environment(this.#room.env, "ROOMS_SECRET");
      const signedPath = url.pathname + url.search;
      if (!verifyRequest(secret, request.method, signedPath, body, (name) => request.headers.get(name), Date.now())) {
        return new Response('{"code":"unauthorized"}', { status: 401 });
      }
      const path = url.pathname.slice(url.pathname.indexOf("/internal"));
      const answer = await this.#ready.intake.request(request.method, path, url.searchParams, body);
      return new Response(answer.body, { status: answer.status, headers: { "content-type": "application/json" } });
    }

    async onAlarm(): Promise<void> {
      await this.#ready.shell.alarm();
    }
  };
}
