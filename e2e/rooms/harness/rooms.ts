/** The rooms as they are shipped: the bundled worker in a real workerd, on a data folder and a port of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { signRequest } from "../../../party/protocol/sign.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { partySegment } from "../../../party/protocol/tickets.ts";
import { LOOPBACK, pickPort } from "../../../server/launcher/ports.ts";
import { roomsBundle, writeRoomsConfig } from "../../../server/rooms/host/bundle.ts";
import { workerdCommand } from "../../../server/rooms/host/workerd.ts";
import { until } from "../../harness/until.ts";
import { Api } from "./api.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
export const ROOMS_SECRET = "secret of the rooms in tests";
/** of the app, as the rooms know it */
export const PUBLIC_ORIGIN = "https://atrium.example.com";
export const TICKET_SECRET = "secret of the tickets in tests";

export type Answer = { status: number; text: string };

export class Rooms {
  readonly url: string;
  readonly api: Api;
  readonly folder: string;
  generation = 1;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(folder: string, port: number, api: Api) {
    this.folder = folder;
    this.url = `http://${LOOPBACK}:${port}`;
    this.api = api;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("the rooms do not run");
    return pid;
  }

  /** What workerd and the rooms printed. */
  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const line = workerdCommand({
      root: this.folder,
      data: join(this.folder, "data"),
      roomsUrl: this.url,
      internalUrl: this.api.url,
    });
    const child = spawn(line[0] ?? "", line.slice(1), {
      env: {
        PATH: process.env.PATH,
        ATRIUM_ROOMS_SECRET: ROOMS_SECRET,
        ATRIUM_TICKET_SECRET: TICKET_SECRET,
        ATRIUM_GENERATION: String(this.generation),
        ATRIUM_INTERNAL_URL: this.api.url,
        ATRIUM_PUBLIC_ORIGIN: PUBLIC_ORIGIN,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    await until("the rooms to serve", async () => {
      if (child.exitCode !== null) throw new Error(`workerd ended with ${child.exitCode}:\n${this.#output}`);
      return (await fetch(`${this.url}/healthz`)).ok;
    });
  }

  /** Ends workerd and waits until it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    // SIGTERM alone waits for the last socket: the launcher follows it with SIGKILL, and so do we.
    if (signal === "SIGTERM") child.kill("SIGKILL");
    await gone;
  }

  async restart(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.end(signal);
    await this.start();
  }

  async remove(): Promise<void> {
    await this.end("SIGKILL");
    await this.api.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A signed request to a room's internal path. */
  async internal(method: "GET" | "POST", party: Party, room: string, path: string, body = ""): Promise<Answer> {
    const full = `/parties/${partySegment(party)}/${room}${path}`;
    return this.request(method, full, body, signRequest(ROOMS_SECRET, method, full, body, Date.now()));
  }

  async request(method: string, path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, { method, headers, body: method === "GET" ? undefined : body });
    return { status: answer.status, text: await answer.text() };
  }
}

/** Bundles the rooms as the build does and serves them. */
export async function startRooms(): Promise<Rooms> {
  const folder = mkdtempSync(join(tmpdir(), "atrium-rooms-"));
  const dist = join(folder, "dist/rooms");
  mkdirSync(join(folder, "data"), { recursive: true });
  await build(roomsBundle(ROOT, dist, false));
  writeRoomsConfig(ROOT, dist);
  const api = await Api.listen(ROOMS_SECRET);
  const rooms = new Rooms(folder, await pickPort(LOOPBACK), api);
  await rooms.start();
  return rooms;
}
