/**
 * The rooms' end of links, for tests: a WebSocket server that speaks the link's frames, keeps what it heard by idempotency key
 * and the rows' high-water mark, and can be slow, refuse, or die.
 */
import { createServer, type IncomingMessage } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { type LinkItem, linkBatch, type OpAnswer, SOCKET_KIND_HEADER } from "../../../party/protocol/internal.ts";
import { verifyRequest } from "../../../party/protocol/sign.ts";

export type FakeRooms = {
  url: string;
  /** items in the order they took effect, per path */
  heard: Map<string, LinkItem[]>;
  /** items per frame, in the order of arrival */
  frames: number[];
  upgrades: number;
  sockets: Set<WebSocket>;
  /** while set, frames are read and not answered */
  silent: boolean;
  /** decides about an item that was not heard before; undefined accepts it */
  refuse(item: LinkItem): Omit<Extract<OpAnswer, { ok: false }>, "n" | "ok"> | undefined;
  /** what an accepted item is answered with */
  result(item: LinkItem): Record<string, unknown> | undefined;
  /** answers what was left unanswered */
  speak(): void;
  close(): Promise<void>;
};

/** @param port 0 for any; a given one lets a test restart the rooms where they were */
export async function startFakeRooms(secret: string, port = 0, memory?: Map<string, LinkItem[]>): Promise<FakeRooms> {
  const http = createServer((_request, response) => void response.writeHead(404).end());
  const server = new WebSocketServer({ noServer: true });
  let held: (() => void)[] = [];
  const rooms: FakeRooms = {
    url: "",
    heard: memory ?? new Map(),
    frames: [],
    upgrades: 0,
    sockets: new Set(),
    silent: false,
    refuse: () => undefined,
    result: () => undefined,
    speak() {
      rooms.silent = false;
      for (const answer of held.splice(0)) answer();
    },
    async close() {
      for (const socket of rooms.sockets) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };

  http.on("upgrade", (request: IncomingMessage, socket, head) => {
    rooms.upgrades += 1;
    const header = (name: string) => String(request.headers[name] ?? "");
    const path = request.url ?? "";
    const good = verifyRequest(secret, "GET", path, "", header, Date.now()) && header(SOCKET_KIND_HEADER) === "link";
    if (!good) return void socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    server.handleUpgrade(request, socket, head, (link) => {
      rooms.sockets.add(link);
      link.on("close", () => rooms.sockets.delete(link));
      link.on("message", (data) => {
        const { items } = linkBatch.parse(JSON.parse(String(data)));
        rooms.frames.push(items.length);
        const answers = items.map((item) => hear(path, item));
        const answer = () => link.send(JSON.stringify({ type: "answers", items: answers }));
        if (rooms.silent) held.push(answer);
        else answer();
      });
      link.on("close", () => {
        held = [];
      });
    });
  });

  function hear(path: string, item: LinkItem): OpAnswer {
    const heard = rooms.heard.get(path) ?? [];
    rooms.heard.set(path, heard);
    const first = heard.findIndex((one) => one.id === item.id);
    if (first >= 0) return { n: item.n, ok: true, seq: first + 1 };
    const refusal = rooms.refuse(item);
    if (refusal) return { n: item.n, ok: false, ...refusal };
    return { n: item.n, ok: true, seq: heard.push(item), result: rooms.result(item) };
  }

  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const address = http.address();
  if (!address || typeof address === "string") throw new Error("the server has no port");
  rooms.url = `http://127.0.0.1:${address.port}`;
  return rooms;
}
