/**
 * Puts the room classes of `partykit.json` on partyserver, for workerd here and for Durable Objects on Cloudflare.
 * PartyKit's own facade is not used: it never answers a Close frame and loses `room.id` in alarms.
 * The class names and the parties' names are the identity of the stored rooms: never change them.
 */
import type * as Party from "partykit/server";
import { type Connection, type ConnectionContext, Server } from "partyserver";
import AgentRoom from "./agent/room.ts";
import CompanyRoom from "./company/room.ts";
import { TICKET } from "./lib/dedupe.ts";
import { ADMITTED } from "./lib/party.ts";
import { PING, PONG } from "./protocol/frames.ts";
import { SOCKET_KIND_HEADER } from "./protocol/internal.ts";
import { CLOSE } from "./protocol/limits.ts";
import { signRequest, verifyRequest } from "./protocol/sign.ts";
import { checkTicket, partyOfSegment } from "./protocol/tickets.ts";
import SessionRoom from "./session/room.ts";

type Env = Record<string, unknown> & {
  ROOMS_SECRET: string;
  TICKET_SECRET: string;
  /** origin of the app, where a proxy hands viewers' sockets on without passing the api; else empty */
  PUBLIC_ORIGIN: string;
};

/** Namespaces in `env` by party segment. */
const SEGMENTS = ["main", "agent", "session"] as const;

function contextOf(env: Env): Party.Context["parties"] {
  const parties: Party.Context["parties"] = {};
  for (const segment of SEGMENTS) {
    const namespace = env[segment] as DurableObjectNamespace;
    parties[segment] = {
      get: (id: string) => {
        const stub = namespace.get(namespace.idFromName(id));
        const fetchRoom = (path: string, init?: RequestInit) => stub.fetch(`http://rooms${path}`, init);
        return { fetch: fetchRoom } as unknown as Party.Stub;
      },
    };
  }
  return parties;
}

/**
 * Rooms that have started in this process, for the notice before a stop. One that has gone to sleep since is woken by the
 * notice; that costs a millisecond, once.
 */
const awake = new Map<string, { segment: string; name: string }>();

/** Codes that say that the peer went away without a Close frame (RFC 6455, 7.4.1); partyserver leaves such sockets alone. */
const NO_CLOSE_FRAME: readonly number[] = [1005, 1006, 1015];

/** Closes our half of a socket whose peer is gone; without it workerd keeps both descriptors while the room stays awake. */
function release(connection: Connection): void {
  try {
    connection.close(CLOSE.done);
  } catch {
    // Closed meanwhile: that is what was wanted.
  }
}

function hostParty(Room: Party.Worker, segment: (typeof SEGMENTS)[number]) {
  return class extends Server<Env> {
    static override options = { hibernate: true };
    #room: Party.Server | undefined;

    get #server(): Party.Server {
      this.#room ??= new Room(this.#context());
      return this.#room;
    }

    #context(): Party.Room {
      const parties = contextOf(this.env);
      const room = {
        id: this.name,
        internalID: this.ctx.id.toString(),
        name: this.name,
        env: this.env,
        storage: this.ctx.storage,
        context: { parties },
        parties,
        broadcast: (message: string) => this.broadcast(message),
        getConnection: (id: string) => this.getConnection(id),
        getConnections: (tag?: string) => this.getConnections(tag),
        blockConcurrencyWhile: this.ctx.blockConcurrencyWhile.bind(this.ctx),
      };
      // The room uses these parts of the platform and no others (party/lib/party.ts).
      return room as unknown as Party.Room;
    }

    override async fetch(request: Request): Promise<Response> {
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") return super.fetch(request);
      const ticket = request.headers.get("x-atrium-ticket");
      if (ticket !== null) {
        // One use is kept by the object itself, in its storage, before any code of the room runs.
        const [id = "", expiresAt = "0"] = ticket.split(":");
        const key = TICKET + id;
        if ((await this.ctx.storage.get(key)) !== undefined) return new Response("this ticket was used before", { status: 401 });
        await this.ctx.storage.put(key, Number(expiresAt));
      }
      return super.fetch(request);
    }

    override async onStart(): Promise<void> {
      awake.set(`${segment}/${this.name}`, { segment, name: this.name });
      // Answered by the platform: a heartbeat neither wakes a sleeping room nor keeps it from falling asleep.
      this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
      await this.#server.onStart?.();
    }
    override async onConnect(connection: Connection, context: ConnectionContext): Promise<void> {
      await this.#server.onConnect?.(connection as unknown as Party.Connection, context as unknown as Party.ConnectionContext);
    }
    override async onMessage(connection: Connection, message: string | ArrayBuffer | ArrayBufferView): Promise<void> {
      await this.#server.onMessage?.(message, connection as unknown as Party.Connection);
    }
    override async onClose(connection: Connection, code: number): Promise<void> {
      await this.#server.onClose?.(connection as unknown as Party.Connection);
      if (NO_CLOSE_FRAME.includes(code)) release(connection);
    }
    override async onError(connection: Connection, error: unknown): Promise<void> {
      await this.#server.onError?.(
        connection as unknown as Party.Connection,
        error instanceof Error ? error : new Error(String(error)),
      );
    }
    override async onRequest(request: Request): Promise<Response> {
      const answer = await this.#server.onRequest?.(request as unknown as Party.Request);
      return (answer as Response | undefined) ?? new Response(null, { status: 404 });
    }
    override async onAlarm(): Promise<void> {
      await this.#server.onAlarm?.();
    }
  };
}

export const PartyKitDurable = hostParty(CompanyRoom, "main");
export const agentDO = hostParty(AgentRoom, "agent");
export const sessionDO = hostParty(SessionRoom, "session");

const ROUTE = /^\/parties\/([a-z]+)\/([A-Za-z0-9_-]{1,64})(\/.*)?$/;

/** Removes everything of ours that a client may have put on its request. */
function cleaned(headers: Headers): Headers {
  const clean = new Headers(headers);
  for (const name of [...clean.keys()]) if (name.startsWith("x-")) clean.delete(name);
  return clean;
}

/**
 * True for an upgrade that came past the api through the operator's own proxy: from a page of this instance, or from a program,
 * which sends no origin. The ticket, signed and good once, is checked after this as for everybody.
 */
function isViewerOf(origin: string, request: Request): boolean {
  if (!origin) return false;
  const from = request.headers.get("origin");
  return from === null || from === origin;
}

/** Tells every room to close its sockets with 1012, so that viewers reconnect at once instead of guessing. */
async function announceRestart(request: Request, env: Env): Promise<Response> {
  const header = (name: string) => request.headers.get(name);
  const body = await request.text();
  if (request.method !== "POST" || !verifyRequest(env.ROOMS_SECRET, "POST", "/internal/restart", body, header, Date.now())) {
    return new Response("unauthorized", { status: 401 });
  }
  const notices = [...awake.values()].map(({ segment, name }) => {
    const path = `/parties/${segment}/${encodeURIComponent(name)}/internal/restart`;
    return contextOf(env)
      [segment]?.get(name)
      .fetch(path, { method: "POST", body, headers: signRequest(env.ROOMS_SECRET, "POST", path, body, Date.now()) });
  });
  await Promise.allSettled(notices);
  return new Response("{}");
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/healthz") return new Response("ok");
    if (url.pathname === "/internal/restart") return announceRestart(request, env);
    const [, segment = "", room = "", rest] = ROUTE.exec(url.pathname) ?? [];
    const party = partyOfSegment(segment);
    if (!party) return new Response("not found", { status: 404 });
    const namespace = env[party === "company" ? "main" : party] as DurableObjectNamespace;
    const object = () => namespace.get(namespace.idFromName(room));
    const header = (name: string) => request.headers.get(name);
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      // Checked before the room starts: a stranger's request must not make one, nor its files.
      const body = await request.text();
      if (!verifyRequest(env.ROOMS_SECRET, request.method, url.pathname + url.search, body, header, Date.now())) {
        return new Response('{"code":"unauthorized"}', { status: 401 });
      }
      return object().fetch(new Request(request, { body: request.method === "GET" ? undefined : body }));
    }
    if (rest) return new Response("not found", { status: 404 });

    const signed = verifyRequest(env.ROOMS_SECRET, "GET", url.pathname + url.search, "", header, Date.now());
    if (!signed && !isViewerOf(env.PUBLIC_ORIGIN, request)) return new Response("unauthorized", { status: 401 });
    // What kind of socket it is counts from our own processes only.
    const kind = signed ? request.headers.get(SOCKET_KIND_HEADER) : "viewer";
    const headers = cleaned(request.headers);
    headers.set(ADMITTED.kind, kind ?? "viewer");
    if (kind !== "link" && kind !== "feeder") {
      const check = checkTicket(env.TICKET_SECRET, url.searchParams.get("ticket"), party, room, Date.now());
      if (!check.ok)
        return new Response(check.status === 401 ? "this ticket is not valid" : "this ticket is for another room", {
          status: check.status,
        });
      headers.set(ADMITTED.claims, encodeURIComponent(JSON.stringify(check.claims)));
      headers.set("x-atrium-ticket", `${check.claims.id}:${check.claims.expiresAt}`);
      const epoch = url.searchParams.get("epoch");
      const after = url.searchParams.get("after");
      if (epoch && after) {
        headers.set(ADMITTED.epoch, epoch);
        headers.set(ADMITTED.after, after);
      }
    }
    // The query ends here: the ticket is not kept with the socket, and a client does not choose its connection id.
    return object().fetch(new Request(`${url.origin}${url.pathname}`, { method: "GET", headers }));
  },
};
