/** What the launcher tells the other processes over loopback, signed with the instance's secret. */
import { setTimeout as sleep } from "node:timers/promises";
import { signRequest } from "../../party/protocol/sign.ts";
import { call } from "./http.ts";

/** Paths the launcher calls, and on whom. */
const PATHS = {
  /** rooms: answers 200 while they serve */
  roomsHealth: "/healthz",
  /** rooms: every room closes its sockets with 1012, so that clients come back at once */
  roomsRestart: "/internal/restart",
  /** api, public port: 200 when every process serves */
  ready: "/readyz",
  /** api, internal port: closes the public port, keeps the rest */
  closePublic: "/internal/close-public",
  /** api, internal port: ends the leases of a dead runner */
  runnerGone: "/internal/runners/gone",
} as const;

const LIMITS = {
  /** ms a probe may take; below the interval between two */
  probeMs: 1_500,
  /** ms each step of a stop may take, so that all of it stays below 5 s */
  farewellMs: 700,
  /** ms between two looks at readiness; a connection that is refused costs nothing */
  readyEveryMs: 20,
  /** ms of back-off until the api has heard that a runner is gone */
  goneMinMs: 50,
  goneMaxMs: 1_000,
} as const;

export interface Peers {
  roomsUrl: string;
  internalUrl: string;
  /** the public port as this machine reaches it */
  localUrl: string;
  secret: string;
}

/** True when the rooms answer their health check. */
export async function roomsAnswer({ roomsUrl }: Peers): Promise<boolean> {
  return (await statusOf(`${roomsUrl}${PATHS.roomsHealth}`, LIMITS.probeMs)) === 200;
}

/** Resolves when the api says that everything serves, or when the signal is aborted. */
export async function untilReady({ localUrl }: Peers, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await statusOf(`${localUrl}${PATHS.ready}`, LIMITS.probeMs)) === 200) return;
    await sleep(LIMITS.readyEveryMs);
  }
}

/** Before a stop: no new visitors, and those who are here learn that we come back. Neither may hold up the stop. */
export async function sayFarewell(peers: Peers): Promise<void> {
  await Promise.race([post(peers, peers.internalUrl, PATHS.closePublic, "{}"), sleep(LIMITS.farewellMs)]);
  await Promise.race([post(peers, peers.roomsUrl, PATHS.roomsRestart, "{}"), sleep(LIMITS.farewellMs)]);
}

/**
 * Tells the api that a runner is dead, again and again until it answers. An answer other than 2xx is final: the api
 * understood and will say the same next time.
 */
export async function reportGone(peers: Peers, runner: string, signal: AbortSignal): Promise<"told" | "refused" | "stopped"> {
  for (let wait: number = LIMITS.goneMinMs; !signal.aborted; wait = Math.min(wait * 2, LIMITS.goneMaxMs)) {
    const status = await post(peers, peers.internalUrl, PATHS.runnerGone, JSON.stringify({ runner }));
    if (status >= 200 && status < 300) return "told";
    if (status >= 400 && status < 500) return "refused";
    await sleep(wait);
  }
  return "stopped";
}

/** Status of a signed POST; 0 when there is no answer. */
async function post({ secret }: Peers, url: string, path: string, body: string): Promise<number> {
  const headers = { "content-type": "application/json", ...signRequest(secret, "POST", path, body, Date.now()) };
  return call(`${url}${path}`, { method: "POST", headers, body, timeoutMs: LIMITS.probeMs }).catch(() => 0);
}

function statusOf(url: string, timeoutMs: number): Promise<number> {
  return call(url, { method: "GET", timeoutMs }).catch(() => 0);
}
