/** Ports: whether one is free, and free ones that stay ours while a child restarts. */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { errorCode, StartError } from "./errors.ts";

export const LOOPBACK = "127.0.0.1";

/**
 * Ports are taken below the range the kernel uses for outgoing connections. Inside it, a client that retries while
 * its server restarts can be given that very port as its own, connect to itself, and keep the server out.
 */
const LOWEST_PORT = 20_000;
const DEFAULT_EPHEMERAL_START = 32_768;
/** attempts; with a crowded range the last resort is whatever the kernel gives */
const TRIES = 50;

/** True when a server could listen there now. @throws what the system says, other than "in use" (`EACCES`, `EADDRNOTAVAIL`) */
export function isFree(host: string, port: number): Promise<boolean> {
  return listenOnce(host, port).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === "EADDRINUSE") return false;
      throw error;
    },
  );
}

/** A port nobody listens on, other than those in `taken`. */
export async function pickPort(host: string, taken: readonly number[] = []): Promise<number> {
  const end = ephemeralStart();
  for (let i = 0; i < TRIES && end > LOWEST_PORT; i++) {
    const port = randomInt(LOWEST_PORT, end);
    if (!taken.includes(port) && (await isFree(host, port))) return port;
  }
  return listenOnce(host, 0);
}

/** Refuses with a sentence when the public port cannot be had. @throws {StartError} */
export async function requireFree(host: string, port: number): Promise<void> {
  let free: boolean;
  try {
    free = await isFree(host, port);
  } catch (error) {
    const why = errorCode(error) === "EACCES" ? "this user may not open it" : String(error);
    throw new StartError(`Cannot listen on ${host} port ${port}: ${why}. Set PORT (and HOST) to an address of this machine.`);
  }
  if (!free)
    throw new StartError(
      `Port ${port} on ${host} is in use by another program. Set PORT to a free one, for example PORT=${port + 1}.`,
    );
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const given = typeof address === "object" && address ? address.port : port;
      server.close(() => resolve(given));
    });
  });
}

function ephemeralStart(): number {
  try {
    const start = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/)[0]);
    return Number.isInteger(start) ? start : DEFAULT_EPHEMERAL_START;
  } catch {
    return DEFAULT_EPHEMERAL_START;
  }
}
