/**
 * The instance a runner works for, as it is reached from here: on the same machine through its loopback listeners, signed with
 * its secret; from another machine through its public address, with the key this machine was let in with.
 */
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { signRequest } from "../../party/protocol/sign.ts";

/** In front of what a runner asks for on the public port, and the header with its key (server/api/live/runners/gateway.ts). */
const DOOR = "/runners";
const KEY_HEADER = "x-atrium-runner-key";

export type Home = {
  /** where an internal path of the api is asked for; `ws` for sockets */
  url(path: string, scheme?: "http" | "ws"): URL;
  /** the address of a room's socket, which the api names as its own machine sees it */
  room(url: string): URL;
  /** what proves that a request comes from a runner of this instance; @param body "" where it is streamed */
  headers(method: string, path: string, body: string): Record<string, string>;
  /** sends a request; `node:http` and not `fetch`: the runner stays several MiB smaller */
  request(url: URL, options: RequestOptions, answered: (response: IncomingMessage) => void): ClientRequest;
};

/** @param internalUrl `http://127.0.0.1:…`, the api's loopback address */
export function localHome(internalUrl: string, secret: string): Home {
  return {
    url: (path, scheme = "http") => new URL(path, scheme === "ws" ? internalUrl.replace(/^http/, "ws") : internalUrl),
    room: (url) => new URL(url),
    headers: (method, path, body) => signRequest(secret, method, path, body, Date.now()),
    request,
  };
}

/** @param server origin of the instance, `https://atrium.example.com`; @param key of this machine */
export async function remoteHome(server: string, key: string): Promise<Home> {
  // TLS is loaded only where it is spoken.
  const send = server.startsWith("https:") ? (await import("node:https")).request : request;
  const at = (path: string, scheme: "http" | "ws"): URL =>
    new URL(`${DOOR}${path}`, scheme === "ws" ? server.replace(/^http/, "ws") : server);
  return {
    url: (path, scheme = "http") => at(path, scheme),
    room(url) {
      const { pathname, search } = new URL(url);
      return at(pathname + search, "ws");
    },
    headers: () => ({ [KEY_HEADER]: key }),
    request: send,
  };
}
