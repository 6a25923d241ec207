import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { SOCKET_KIND_HEADER } from "../../../party/protocol/internal.ts";
import { verifyRequest } from "../../../party/protocol/sign.ts";
import { createSplicer, type Splicer } from "./splice.ts";

const SECRET = "a secret between our own processes";
const ROOM = "/parties/agent/ag_1?ticket=t&epoch=e&after=3";

const listen = (server: { listen(port: number, host: string, done: () => void): unknown }) =>
  new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (address && typeof address === "object" && "port" in address) return Number(address.port);
  throw new Error("the server has no port");
}

describe("the splice", () => {
  let rooms: Server;
  let upgrades: IncomingMessage[];
  let sockets: WebSocketServer;
  let publicServer: Server;
  let splicer: Splicer;

  const front = (roomsUrl: string) => {
    splicer = createSplicer({ roomsUrl, roomsSecret: SECRET, publicUrl: undefined, now: Date.now });
    publicServer = createServer((_request, response) => void response.writeHead(404).end());
    publicServer.on("upgrade", (request, socket, head) => splicer.upgrade(request, socket, head));
    return listen(publicServer);
  };
  const address = () => `127.0.0.1:${portOf(publicServer)}`;
  const open = (path = ROOM, headers: Record<string, string> = {}) => new WebSocket(`ws://${address()}${path}`, { headers });
  const opened = (socket: WebSocket) => new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  /** The status of an upgrade that is refused. */
  const refused = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; retryAfter: string | undefined }>((resolve, reject) => {
      const socket = open(path, headers);
      socket.on("unexpected-response", (request, response) => {
        resolve({ status: response.statusCode, retryAfter: response.headers["retry-after"] });
        request.destroy();
      });
      socket.on("open", () => reject(new Error("it was opened")));
      socket.on("error", () => undefined);
    });

  beforeEach(async () => {
    upgrades = [];
    rooms = createServer();
    sockets = new WebSocketServer({ server: rooms });
    sockets.on("connection", (socket, request) => {
      upgrades.push(request);
      socket.send("welcome");
      socket.on("message", (data) => socket.send(`echo ${data}`));
    });
    await listen(rooms);
    await front(`http://127.0.0.1:${portOf(rooms)}`);
  });
  afterEach(() => {
    splicer.closeAll();
    for (const socket of sockets.clients) socket.terminate();
    rooms.close();
    publicServer.close();
    publicServer.closeAllConnections();
  });

  it("carries frames both ways and close codes out", async () => {
    const socket = open();
    const heard: string[] = [];
    socket.on("message", (data) => heard.push(String(data)));
    await opened(socket);
    socket.send("hello");
    await vi.waitUntil(() => heard.length === 2);
    expect(heard).toEqual(["welcome", "echo hello"]);
    expect(splicer.open).toBe(1);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    for (const room of sockets.clients) room.close(4408, "lagging");
    expect(await closed).toBe(4408);
    await vi.waitUntil(() => splicer.open === 0);
  });

  it("loses nothing of a large burst", async () => {
    const socket = open();
    let bytes = 0;
    socket.on("message", (data) => {
      bytes += String(data).length;
    });
    await opened(socket);
    await vi.waitUntil(() => bytes === "welcome".length);
    for (const room of sockets.clients) for (let i = 0; i < 200; i++) room.send("x".repeat(50_000));
    await vi.waitUntil(() => bytes === "welcome".length + 200 * 50_000);
    socket.terminate();
  });

  it("signs the upgrade, and passes no offer to compress and nothing that a client could forge", async () => {
    const socket = open(ROOM, {
      cookie: "atrium_session=abc",
      authorization: "Bearer key",
      forwarded: "for=1.2.3.4",
      "x-forwarded-for": "1.2.3.4",
      "x-atrium-socket": "link",
      "x-atrium-signature": "forged",
      "x-atrium-ticket": "t1:9",
      "x-user": "owner",
      "user-agent": "test",
    });
    await opened(socket);
    const [upgrade] = upgrades;
    const header = (name: string) => String(upgrade?.headers[name] ?? "");
    expect(upgrade?.url).toBe(ROOM);
    expect(verifyRequest(SECRET, "GET", ROOM, "", header, Date.now())).toBe(true);
    expect(header(SOCKET_KIND_HEADER)).toBe("viewer");
    expect(header("user-agent")).toBe("test");
    expect(Object.keys(upgrade?.headers ?? {}).sort()).toEqual(
      [
        "connection",
        "host",
        "sec-websocket-key",
        "sec-websocket-version",
        "upgrade",
        "user-agent",
        "x-atrium-key",
        "x-atrium-signature",
        "x-atrium-socket",
        "x-atrium-time",
      ].sort(),
    );
    socket.terminate();
  });

  it("names the company's party as the rooms do", async () => {
    const socket = open("/parties/company/co_1?ticket=t");
    await opened(socket);
    expect(upgrades[0]?.url).toBe("/parties/main/co_1?ticket=t");
    socket.terminate();
  });

  it.each([
    ["/parties/agent/ag_1/internal/batch?ticket=t", 404],
    ["/parties/agent/../main/co_1?ticket=t&x=1/", 404],
    ["/parties/stranger/x?ticket=t", 404],
    ["/parties/agent/%2e%2e?ticket=t", 404],
    ["/parties/agent?ticket=t", 404],
    ["/internal/runner?ticket=t", 404],
    ["/api/rooms/tickets?ticket=t", 404],
    ["/parties/agent/ag_1", 403],
  ])("refuses %s with %i", async (path, status) => {
    // The last segment of a dotted path is resolved by clients; sent raw here.
    const answer = await rawUpgrade(publicServer, path);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(upgrades).toEqual([]);
  });

  it("refuses a page of another site and lets our own in", async () => {
    expect(await refused(ROOM, { origin: "https://evil.example" })).toMatchObject({ status: 403 });
    expect(await refused(ROOM, { origin: "null" })).toMatchObject({ status: 403 });
    const socket = open(ROOM, { origin: `http://${address()}` });
    await opened(socket);
    socket.terminate();
  });

  it("never proxies plain HTTP", async () => {
    const status = await new Promise((resolve) => {
      httpRequest(`http://${address()}${ROOM}`, (response) => resolve(response.statusCode)).end();
    });
    expect(status).toBe(404);
  });

  it("passes the room's own refusal on", async () => {
    rooms.removeAllListeners("upgrade");
    rooms.on("upgrade", (_request, socket: Socket) => void socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"));
    expect(await refused(ROOM)).toMatchObject({ status: 401 });
  });

  it("says when rooms are away", async () => {
    publicServer.close();
    const gone = createTcpServer();
    await listen(gone);
    const port = portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    await front(`http://127.0.0.1:${port}`);
    expect(await refused(ROOM)).toEqual({ status: 503, retryAfter: "1" });
  });

  it("takes no new socket once the port closes and cuts the rest at the end", async () => {
    const socket = open();
    await opened(socket);
    splicer.refuseNew();
    expect(await refused(ROOM)).toMatchObject({ status: 503 });
    const closed = new Promise((resolve) => socket.on("close", resolve));
    splicer.closeAll();
    expect(await closed).toBe(1006);
  });

  it("frees both sides when a viewer vanishes", async () => {
    const socket = open();
    await opened(socket);
    await vi.waitUntil(() => sockets.clients.size === 1);
    socket.terminate();
    await vi.waitUntil(() => splicer.open === 0 && sockets.clients.size === 0);
  });
});

/** The beginning of the answer to an upgrade whose path goes out exactly as given. */
function rawUpgrade(server: Server, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(portOf(server), "127.0.0.1", () => {
      const lines = [`GET ${path} HTTP/1.1`, "host: x", "connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13"];
      socket.write(`${lines.join("\r\n")}\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
    });
    socket.once("data", (data) => {
      resolve(String(data));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
