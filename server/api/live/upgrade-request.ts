/** The upgrade as the rooms get it: rewritten from what the client sent, never passed on as it came. */
import { roomPath, SOCKET_KIND_HEADER } from "../../../party/protocol/internal.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import { type Party, partyOfSegment } from "../../../party/protocol/tickets.ts";

/**
 * What a WebSocket handshake consists of. Everything else (cookies, forged `x-*`, `forwarded`) stays outside. So does the offer
 * to compress: rooms would deflate each frame once per viewer on their one thread, which was measured to double its cost.
 */
const PASSED_HEADERS = new Set([
  "host",
  "origin",
  "user-agent",
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-protocol",
]);
const ROOM_ADDRESS = /^\/parties\/([a-z]{1,16})\/([A-Za-z0-9_-]{1,64})$/;
/** A header value that could start another header or request. */
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/;

export type RoomTarget = {
  party: Party;
  room: string;
  /** path and query on the rooms' port */
  path: string;
  hasTicket: boolean;
};

/** The room an upgrade asks for; undefined for any other path. */
export function roomTarget(url: string): RoomTarget | undefined {
  const [, segment, room] = ROOM_ADDRESS.exec(url.split("?", 1)[0] ?? "") ?? [];
  if (!URL.canParse(url, "http://rooms")) return undefined;
  // Both ends of the signature must see one spelling of the query: the URL standard's.
  const { search, searchParams } = new URL(url, "http://rooms");
  const party = segment && partyOfSegment(segment);
  if (!party || !room) return undefined;
  return { party, room, path: roomPath(party, room) + search, hasTicket: !!searchParams.get("ticket") };
}

/**
 * The request's first bytes on the rooms' connection.
 * @param rawHeaders name, value, name, value … as the client sent them
 * @param kind what the room takes the socket for
 */
export function upgradeRequest(
  target: Pick<RoomTarget, "path">,
  rawHeaders: readonly string[],
  secret: string,
  now: number,
  kind: "viewer" | "feeder" = "viewer",
): string {
  const lines = [`GET ${target.path} HTTP/1.1`, "connection: Upgrade", "upgrade: websocket"];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = rawHeaders[i + 1] ?? "";
    if (PASSED_HEADERS.has(name) && !UNSAFE.test(value)) lines.push(`${name}: ${value}`);
  }
  const signed = { ...signRequest(secret, "GET", target.path, "", now), [SOCKET_KIND_HEADER]: kind };
  for (const [name, value] of Object.entries(signed)) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
