/**
 * What is measured against: the same exchange with nothing of Atrium in it. One process, so that the client's side is the
 * same in both measurements.
 *
 * - `POST /`: the body goes to every open socket, then the answer
 * - socket on `/?replay=<frames>&bytes=<bytes>`: that many frames of that size at once
 * - `POST /stream?frames=<per s>&bytes=<bytes>&ms=<duration>`: frames of that size to every socket at that rate
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { WebSocketServer } from "ws";

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://floor");
  void text(request).then((body) => {
    if (url.pathname === "/stream") stream(number(url, "frames"), number(url, "bytes"), number(url, "ms"));
    else broadcast(body);
    response.writeHead(201, { "content-type": "application/json" }).end("{}");
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });

sockets.on("connection", (socket, request) => {
  const url = new URL(request.url ?? "/", "http://floor");
  const frame = frameOf(number(url, "bytes"));
  for (let left = number(url, "replay"); left > 0; left--) socket.send(frame);
});

function broadcast(frame: string): void {
  for (const socket of sockets.clients) socket.send(frame);
}

function stream(perSecond: number, bytes: number, ms: number): void {
  const frame = frameOf(bytes);
  const timer = setInterval(() => broadcast(frame), 1_000 / perSecond);
  setTimeout(() => clearInterval(timer), ms);
}

function frameOf(bytes: number): string {
  return JSON.stringify({ type: "events", filler: "x".repeat(Math.max(0, bytes - 32)) });
}

function number(url: URL, name: string): number {
  return Number(url.searchParams.get(name) ?? 0);
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" && address ? address.port : "");
});
