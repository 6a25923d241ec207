/**
 * Viewers' WebSockets, spliced to the rooms as raw TCP: after the handshake the api copies bytes and understands none. All of it
 * stands behind `createSplicer`, so that a relay (one upstream a room) can take its place.
 */
import type { IncomingMessage } from "node:http";
import { connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { originAllowed } from "./origin.ts";
import { roomTarget, upgradeRequest } from "./upgrade-request.ts";

/** ms until the first byte of the room's answer: a stopping rooms process accepts connections and never answers them */
const HANDSHAKE_MS = 5_000;
/** ms the rest of a half-closed connection may take */
const LINGER_MS = 5_000;
/** s in `Retry-After` while rooms restart */
const RETRY_AFTER_S = 1;

export type SplicerOptions = {
  /** `http://host:port` of the rooms */
  roomsUrl: string;
  roomsSecret: string;
  publicUrl: string | undefined;
  now(): number;
};

export type Splicer = {
  /** Takes over one upgrade of the public server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Hands a runner on another machine through to an agent's room; its right was checked. @param path on the rooms' port */
  feeder(path: string, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Viewers connected now. */
  readonly open: number;
  /** Answers new upgrades with 503; the open ones stay until their room closes them. */
  refuseNew(): void;
  /** Cuts every open socket. */
  closeAll(): void;
};

export function createSplicer(options: SplicerOptions): Splicer {
  const rooms = new URL(options.roomsUrl);
  const open = new Set<() => void>();
  let refusing = false;

  function splice(request: string, client: Duplex, head: Buffer): void {
    let phase: "handshake" | "spliced" | "over" = "handshake";
    const room = connect({ host: rooms.hostname, port: Number(rooms.port), noDelay: true, allowHalfOpen: true });
    const handshake = setTimeout(end, HANDSHAKE_MS);
    let linger: NodeJS.Timeout | undefined;
    open.add(end);

    function end(): void {
      if (phase === "over") return;
      const unanswered = phase === "handshake";
      phase = "over";
      clearTimeout(handshake);
      clearTimeout(linger);
      open.delete(end);
      room.destroy();
      if (unanswered) answer(client, 503);
      else client.destroy();
    }

    room.on("connect", () => {
      room.write(request);
      if (head.length > 0) room.write(head);
      client.pipe(room);
    });
    room.once("data", (first: Buffer) => {
      if (phase !== "handshake") return;
      phase = "spliced";
      clearTimeout(handshake);
      client.write(first);
      room.pipe(client);
    });
    for (const side of [client, room]) {
      side.on("error", end);
      side.on("close", end);
      // A WebSocket has no use for a half-closed connection, but its last frame may still be on the way.
      side.on("end", () => {
        linger ??= setTimeout(end, LINGER_MS);
      });
    }
  }

  function hand(path: string, kind: "viewer" | "feeder", request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket instanceof Socket) {
      socket.setNoDelay(true);
      socket.setTimeout(0);
    }
    splice(upgradeRequest({ path }, request.rawHeaders, options.roomsSecret, options.now(), kind), socket, head);
  }

  return {
    upgrade(request, socket, head) {
      socket.on("error", () => socket.destroy());
      const target = request.method === "GET" ? roomTarget(request.url ?? "") : undefined;
      const { origin, host, upgrade } = request.headers;
      if (!target || upgrade?.toLowerCase() !== "websocket") answer(socket, 404);
      else if (!originAllowed({ origin, host, publicUrl: options.publicUrl, hasTicket: target.hasTicket })) answer(socket, 403);
      else if (refusing) answer(socket, 503);
      else hand(target.path, "viewer", request, socket, head);
    },
    feeder(path, request, socket, head) {
      if (refusing) answer(socket, 503);
      else hand(path, "feeder", request, socket, head);
    },
    get open() {
      return open.size;
    },
    refuseNew() {
      refusing = true;
    },
    closeAll() {
      for (const end of [...open]) end();
    },
  };
}

const REASON = { 403: "Forbidden", 404: "Not Found", 503: "Service Unavailable" } as const;

/** Answers an upgrade that will not happen and closes the connection. */
function answer(socket: Duplex, status: keyof typeof REASON): void {
  if (socket.destroyed || !socket.writable) return void socket.destroy();
  const retry = status === 503 ? `retry-after: ${RETRY_AFTER_S}\r\n` : "";
  socket.end(`HTTP/1.1 ${status} ${REASON[status]}\r\n${retry}connection: close\r\ncontent-length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}
