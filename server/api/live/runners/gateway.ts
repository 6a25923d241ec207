/**
 * The door for runners on other machines, on the public port: what they may say to the api and to the rooms of agents, and
 * nothing else. Each request is checked by the machine's own key and signed here, so that the instance's secret stays at home.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { MiddlewareHandler } from "hono";
import { signRequest } from "../../../../party/protocol/sign.ts";
import { runnerOfKey } from "../../../runners/enrolment.ts";
import type { AppEnv } from "../../context.ts";
import { ApiError, notFound } from "../../errors.ts";
import type { Services } from "../../services.ts";
import { CONTROL_PATH } from "./control.ts";

/** In front of every path of this door. */
export const GATEWAY = "/runners";
/** Carries the machine's key; `authorization` carries the run's token. */
export const RUNNER_KEY_HEADER = "x-atrium-runner-key";

/** What a runner asks of the api over HTTP; everything else of the internal listener stays on loopback. */
const ASKED = [
  /^POST \/internal\/runs\/[\w-]{1,64}\/(execute|executed)$/,
  /^POST \/internal\/models\/access$/,
  /^GET \/internal\/files\/[\w-]{1,64}$/,
  /^PUT \/internal\/files\/versions$/,
] as const;
/** The room a feeder goes to: those of agents, and their lanes, alone. */
const FEEDER = /^\/parties\/agent\/[A-Za-z0-9_-]{1,64}$/;
/** Paths whose body is streamed and whose first line alone is signed. */
const STREAMED = /^PUT /;

const PASSED_ON = ["authorization", "content-type", "content-length", "if-none-match", "accept"] as const;

/** @param internal the app of the loopback listener; it is called in process */
export function runnerGateway(
  services: Services,
  internal: { fetch(request: Request): Response | Promise<Response> },
): MiddlewareHandler<AppEnv> {
  return async (c) => {
    const { read, write, clock, secrets } = services;
    const url = new URL(c.req.url);
    const path = url.pathname.slice(GATEWAY.length);
    const { method } = c.req;
    if (!ASKED.some((asked) => asked.test(`${method} ${path}`))) throw notFound();
    if (!(await runnerOfKey(read, write, c.req.header(RUNNER_KEY_HEADER), clock.now()))) throw badKey();
    const isStreamed = STREAMED.test(`${method} ${path}`);
    const body = method === "GET" || isStreamed ? "" : await c.req.text();
    const headers = new Headers(signRequest(secrets.rooms, method, path + url.search, body, clock.now()));
    for (const name of PASSED_ON) {
      const value = c.req.header(name);
      if (value !== undefined) headers.set(name, value);
    }
    const init = isStreamed ? { body: c.req.raw.body, duplex: "half" } : method === "GET" ? {} : { body };
    return internal.fetch(new Request(`${services.settings.internalUrl}${path}${url.search}`, { method, headers, ...init }));
  };
}

/** Sockets of the machines that are connected, so that a key that is taken away counts at once. */
export class RemoteSockets {
  readonly #open = new Map<string, Set<Duplex>>();

  add(runner: string, socket: Duplex): void {
    const mine = this.#open.get(runner) ?? new Set();
    this.#open.set(runner, mine.add(socket));
    socket.once("close", () => {
      mine.delete(socket);
      if (mine.size === 0) this.#open.delete(runner);
    });
  }

  /** Cuts every socket of a machine. */
  cut(runner: string): void {
    for (const socket of [...(this.#open.get(runner) ?? [])]) socket.destroy();
  }
}

function badKey(): ApiError {
  return new ApiError(401, "runner_key", "This machine's key is not good, or was taken away. Let the machine join again.");
}

export type GatewaySockets = {
  open: RemoteSockets;
  /** a runner's control socket, its key already checked */
  control(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** splices a feeder through to a room; `path` with its query, on the rooms' port */
  feeder(path: string, request: IncomingMessage, socket: Duplex, head: Buffer): void;
};

/** Takes an upgrade of this door. @returns false when the path is none of ours */
export function gatewayUpgrade(
  { read, write, clock, log }: Services,
  sockets: GatewaySockets,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): boolean {
  const url = request.url ?? "";
  if (!url.startsWith(`${GATEWAY}/`)) return false;
  const path = url.slice(GATEWAY.length);
  socket.on("error", () => socket.destroy());
  const key = request.headers[RUNNER_KEY_HEADER];
  runnerOfKey(read, write, typeof key === "string" ? key : undefined, clock.now()).then(
    (runner) => {
      if (!runner) return refuse(socket, "401 Unauthorized");
      if (path !== CONTROL_PATH && !FEEDER.test(path)) return refuse(socket, "404 Not Found");
      sockets.open.add(runner, socket);
      if (path === CONTROL_PATH) sockets.control(request, socket, head);
      else sockets.feeder(path, request, socket, head);
    },
    (error: unknown) => {
      log.warn({ err: error }, "a runner's key could not be checked");
      refuse(socket, "503 Service Unavailable");
    },
  );
  return true;
}

function refuse(socket: Duplex, status: string): void {
  if (socket.destroyed || !socket.writable) return void socket.destroy();
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}
