/** The control socket of runners, on the loopback listener: one WebSocket per runner, signed, hello first. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { type RunnerFrame, runnerFrame } from "../../../../party/protocol/internal.ts";
import { CLOSE, LIMITS } from "../../../../party/protocol/limits.ts";
import { verifyRequest } from "../../../../party/protocol/sign.ts";
import type { RunnerRegistry, RunnerSocket } from "./registry.ts";

export const CONTROL_PATH = "/internal/runner";

export type ControlOptions = { runners: RunnerRegistry; roomsSecret: string; now(): number; log: Logger };

/** Handles upgrades of the loopback server. */
export function createControl({ runners, roomsSecret, now, log }: ControlOptions) {
  const server = new WebSocketServer({ noServer: true, maxPayload: LIMITS.internalFrameBytes, perMessageDeflate: false });

  function serve(socket: WebSocket): void {
    const mine: RunnerSocket = {
      send: (command) => socket.send(JSON.stringify(command)),
      drop: () => socket.terminate(),
    };
    let runner: string | undefined;
    socket.on("message", (data) => {
      const frame = parseFrame(String(data));
      if (!frame) {
        log.error({ runner }, "a runner sent a frame this version does not know");
        socket.close(CLOSE.policy, "malformed frame");
      } else if (frame.type === "hello") {
        runner = frame.runner;
        runners.hello(mine, frame);
        log.info({ runner, slots: frame.slots, running: frame.running.length }, "a runner is connected");
      } else if (runner === undefined) {
        socket.close(CLOSE.policy, "say hello first");
      } else {
        runners.heard(runner, mine, frame);
      }
    });
    socket.on("error", (error) => log.warn({ err: error, runner }, "a runner's control socket failed"));
    socket.on("close", () => {
      if (runner !== undefined) runners.left(runner, mine);
    });
  }

  /** Takes an upgrade whose right was checked. */
  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    server.handleUpgrade(request, socket, head, serve);

  return {
    accept,
    /** Takes an upgrade of the loopback listener, signed by one of our processes. */
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      socket.on("error", () => socket.destroy());
      const path = request.url ?? "";
      const header = (name: string) => {
        const value = request.headers[name];
        return typeof value === "string" ? value : undefined;
      };
      if (path !== CONTROL_PATH) socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
      else if (!verifyRequest(roomsSecret, "GET", path, "", header, now()))
        socket.end("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n");
      else accept(request, socket, head);
    },
  };
}

function parseFrame(data: string): RunnerFrame | undefined {
  try {
    return runnerFrame.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}
