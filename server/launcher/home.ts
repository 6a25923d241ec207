/** The instance on another machine that a runner here works for: joined once, remembered in the data folder. */
import { chmodSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { readSetting } from "../settings/read.ts";
import { StartError } from "./errors.ts";
import { makeFolder, parseRecord, readIfThere, writeDurably } from "./files.ts";
import type { Settings } from "./settings.ts";

/** ms the instance has to answer */
const ANSWER_MS = 10_000;

export interface HomeKey {
  /** origin of the instance */
  server: string;
  /** of this machine */
  key: string;
}

const fileOf = (data: string): string => join(data, "secrets", "home.json");

/**
 * The instance a runner alone works for; undefined where its api is on this machine.
 * @throws {StartError} with a sentence, when there is none or it does not let this machine in
 */
export async function homeOf(settings: Settings): Promise<HomeKey | undefined> {
  if (settings.only !== "runner") return undefined;
  if (settings.join !== undefined) return joinHome(settings.join, settings.data);
  const server = readSetting("ATRIUM_SERVER_URL", settings.given);
  const key = readSetting("ATRIUM_RUNNER_KEY", settings.given);
  if (server && key) return { server, key };
  if (settings.roomsUrl && settings.internalUrl) return undefined;
  const stored = parseRecord(readIfThere(fileOf(settings.data)));
  if (typeof stored?.server === "string" && typeof stored.key === "string") return { server: stored.server, key: stored.key };
  throw new StartError(
    "--only runner works for an instance elsewhere with --join <address>#<token> (an owner makes the token under Instance, Runners), or on its machine with ATRIUM_ROOMS_URL and ATRIUM_INTERNAL_URL.",
  );
}

/** Spends a token and keeps the key it buys. @param link `https://atrium.example.com#token` */
async function joinHome(link: string, data: string): Promise<HomeKey> {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  const token = url?.hash.slice(1);
  if (!url || !/^https?:$/.test(url.protocol) || !token)
    throw new StartError(`--join takes an address with its token, like https://atrium.example.com#token.`);
  const server = url.origin;
  const answer = await fetch(`${server}/api/runners/enrol`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, name: hostname().slice(0, 80) || "a machine" }),
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((error: unknown) => {
    throw new StartError(
      `${server} did not answer (${error instanceof Error ? error.message : error}). Is that its public address?`,
    );
  });
  const body = parseRecord(await answer.text());
  if (answer.status !== 201 || typeof body?.key !== "string") {
    const refusal = body?.error;
    const said = typeof refusal === "object" && refusal !== null && "message" in refusal ? refusal.message : answer.status;
    throw new StartError(`${server} did not let this machine in: ${said}`);
  }
  const home = { server, key: body.key };
  const folder = join(data, "secrets");
  makeFolder(folder, 0o700);
  chmodSync(folder, 0o700);
  writeDurably(fileOf(data), `${JSON.stringify(home)}\n`, 0o600);
  return home;
}
