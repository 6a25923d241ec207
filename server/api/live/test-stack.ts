/**
 * The api between real neighbours, for tests: the bundled rooms in workerd, a real database, both listeners, and, when asked
 * for, a real runner.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { expect, vi } from "vitest";
import { WebSocket } from "ws";
import { newId } from "../../../party/protocol/ids.ts";
import type { RunnerCommand, RunnerFrame } from "../../../party/protocol/internal.ts";
import { signRequest } from "../../../party/protocol/sign.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { localHome } from "../../engine/home.ts";
import { Runner } from "../../engine/runner.ts";
import { LOOPBACK, pickPort } from "../../launcher/ports.ts";
import { roomsBundle, writeRoomsConfig } from "../../rooms/host/bundle.ts";
import { workerdCommand } from "../../rooms/host/workerd.ts";
import { closeServer, createServerFor, listen } from "../listen.ts";
import { type Reply, TEST_SECRETS, TestApp, type TestPerson, text } from "../test-app.ts";
import { attachUpgrades } from "./index.ts";
import { liveOf } from "./state.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const SECRET = TEST_SECRETS.ATRIUM_ROOMS_SECRET;

export class TestStack {
  readonly app: TestApp;
  /** `http://…` of the public port */
  readonly url: string;
  readonly internalUrl: string;
  readonly #folder: string;
  readonly #roomsUrl: string;
  readonly #servers: Server[];
  readonly #upgrades: { close(): void };
  readonly #runners: { close(): unknown }[] = [];
  readonly #sockets = new Set<WebSocket>();
  #rooms: ChildProcess | undefined;

  private constructor(app: TestApp, folder: string, port: number, servers: { public: Server; internal: Server }) {
    this.app = app;
    this.url = `http://${LOOPBACK}:${port}`;
    this.internalUrl = app.services.settings.internalUrl;
    this.#roomsUrl = app.services.settings.roomsUrl;
    this.#folder = folder;
    this.#servers = [servers.public, servers.internal];
    this.#upgrades = attachUpgrades(servers, app.services);
    liveOf(app.services).closePublic = () => void closeServer(servers.public);
  }

  static async open(options: { freeSpace?: () => Promise<number> } = {}): Promise<TestStack> {
    const folder = mkdtempSync(join(tmpdir(), "atrium-live-"));
    await build(roomsBundle(ROOT, join(folder, "dist/rooms"), false));
    writeRoomsConfig(ROOT, join(folder, "dist/rooms"));
    const ports: number[] = [];
    while (ports.length < 3) ports.push(await pickPort(LOOPBACK, ports));
    const [open = 0, internal = 0, rooms = 0] = ports;
    const app = await TestApp.open({
      ...options,
      env: {
        PORT: String(open),
        ATRIUM_ROOMS_URL: `http://${LOOPBACK}:${rooms}`,
        ATRIUM_INTERNAL_URL: `http://${LOOPBACK}:${internal}`,
      },
    });
    const servers = { public: createServerFor(app.app), internal: createServerFor(app.internal) };
    const stack = new TestStack(app, folder, open, servers);
    await listen(servers.public, LOOPBACK, open);
    await listen(servers.internal, LOOPBACK, internal);
    await stack.startRooms();
    return stack;
  }

  async startRooms(): Promise<void> {
    const data = join(this.#folder, "data");
    mkdirSync(data, { recursive: true });
    const { internalUrl } = this;
    const line = workerdCommand({ root: this.#folder, data, roomsUrl: this.#roomsUrl, internalUrl });
    const env = { PATH: process.env.PATH, ...TEST_SECRETS, ATRIUM_GENERATION: "1", ATRIUM_INTERNAL_URL: internalUrl };
    const child = spawn(line[0] ?? "", line.slice(1), { env, stdio: "ignore" });
    this.#rooms = child;
    await vi.waitUntil(() => child.exitCode !== null || this.app.services.rooms.ping(), { timeout: 10_000 });
    if (child.exitCode !== null) throw new Error(`workerd ended with ${child.exitCode}`);
  }

  async killRooms(): Promise<void> {
    const child = this.#rooms;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  /** Starts a real runner; its commands run without a sandbox, so each shell call asks. */
  async startRunner(): Promise<void> {
    const host = {
      runner: newId("rn"),
      home: localHome(this.internalUrl, SECRET),
      apiUrl: this.url,
      data: join(this.#folder, "data"),
      timezone: "UTC",
      sandbox: { kind: "none" as const, reason: "not used in this test", users: undefined },
      skills: async () => [],
    };
    await new Promise<void>((connected) => {
      const runner = new Runner({ host, slots: 4, connected });
      this.#runners.push({ close: () => runner.stop() });
    });
    await vi.waitUntil(() => liveOf(this.app.services).runners.connected > 0);
  }

  /** A runner that does nothing but what the test says on its control socket. */
  async puppet(runner: string, slots = 1, running: string[] = []): Promise<Puppet> {
    const path = "/internal/runner";
    const headers = signRequest(SECRET, "GET", path, "", Date.now());
    const socket = new WebSocket(this.internalUrl.replace("http", "ws") + path, { headers });
    const puppet: Puppet = {
      offers: [],
      closed: new Promise((resolve) => socket.on("close", () => resolve())),
      say: (frame) => socket.send(JSON.stringify(frame)),
      leave: () => socket.terminate(),
    };
    socket.on("message", (data) => {
      const command: RunnerCommand = JSON.parse(String(data));
      puppet.offers.push(command);
      puppet.onOffer?.(command);
    });
    await new Promise((done, failed) => socket.once("open", done).once("error", failed));
    puppet.say({ type: "hello", runner, slots, sandbox: "none", running });
    await vi.waitUntil(() =>
      liveOf(this.app.services)
        .runners.list()
        .some((known) => known.runner === runner),
    );
    this.#runners.push({ close: () => socket.terminate() });
    return puppet;
  }

  /** A signed request of one of our processes. */
  async internal(path: string, body?: object, headers: Record<string, string> = {}): Promise<Reply> {
    const method = body ? "POST" : "GET";
    const payload = body ? JSON.stringify(body) : "";
    const response = await fetch(this.internalUrl + path, {
      method,
      headers: { "content-type": "application/json", ...signRequest(SECRET, method, path, payload, Date.now()), ...headers },
      body: body && payload,
    });
    const answer = await response.text();
    return { status: response.status, headers: response.headers, text: answer, body: JSON.parse(answer) };
  }

  /** An open socket into a room, and every frame it got. @param headers of the ticket's request: a key instead of the cookie */
  async watch(person: TestPerson, party: Party, room: string, headers: Record<string, string> = {}): Promise<Viewer> {
    const { body } = await person.call("POST", "/api/rooms/tickets", { body: { party, room }, headers });
    const path = new URL(text(body, "url")).pathname;
    const url = `${this.url.replace("http", "ws")}${path}?ticket=${text(body, "ticket")}`;
    const socket = new WebSocket(url, { headers: { origin: this.url } });
    this.#sockets.add(socket);
    const viewer: Viewer = { url, events: [], live: [], isOpen: () => socket.readyState === WebSocket.OPEN };
    socket.on("message", (data) => {
      const frame: { type: string; events?: { seq: number; type: string }[]; items?: unknown[] } = JSON.parse(String(data));
      if (frame.type === "events") viewer.events.push(...(frame.events ?? []));
      if (frame.type === "live") viewer.live.push(...(frame.items ?? []));
    });
    await new Promise((done, failed) => socket.once("open", done).once("error", failed));
    return viewer;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    for (const runner of this.#runners) await runner.close();
    this.#upgrades.close();
    await this.killRooms();
    for (const server of this.#servers) await closeServer(server);
    await this.app.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export type Viewer = {
  url: string;
  events: { seq: number; type: string }[];
  live: unknown[];
  /** false as soon as the room said goodbye; its connection may linger */
  isOpen(): boolean;
};

export type Puppet = {
  offers: RunnerCommand[];
  onOffer?: (command: RunnerCommand) => void;
  closed: Promise<void>;
  say(frame: RunnerFrame): void;
  leave(): void;
};

/** A company of one owner with its first agent. */
export async function makeCompany(stack: TestStack): Promise<{ ana: TestPerson; company: string; agent: string; path: string }> {
  const ana = await stack.app.person("Ana");
  const company = await ana.makeCompany("North");
  const path = `/api/companies/${company}`;
  const { body } = await ana.call("GET", `${path}/agents`);
  const [first] = itemsOf(body);
  return { ana, company, agent: text(first, "id"), path };
}

/** The items of a page. */
export function itemsOf(body: unknown): unknown[] {
  expect(body).toMatchObject({ items: expect.any(Array) });
  return body && typeof body === "object" && "items" in body && Array.isArray(body.items) ? body.items : [];
}
