import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { type RunnerCommand, type RunnerFrame, runnerFrame } from "../../party/protocol/internal.ts";
import { localHome } from "./home.ts";
import { Runner } from "./runner.ts";
import { ANA, RUN } from "./testing/recording-room.ts";
import { portOf, RoomServer, SECRET } from "./testing/room-server.ts";

/** The api's end of the control socket, which lends every run the rehearsal. */
class ControlServer {
  readonly frames: RunnerFrame[] = [];
  readonly #http: Server;
  readonly #server: WebSocketServer;
  #waiting: (() => void)[] = [];

  static async listen(): Promise<ControlServer> {
    const http = createServer((request, response) => {
      if (request.url !== "/internal/models/access") return void response.writeHead(404).end("{}");
      const candidates = [{ provider: "rehearsal", model: "rehearsal", label: "Rehearsal" }];
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ candidates }));
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    return new ControlServer(http);
  }

  private constructor(http: Server) {
    this.#http = http;
    this.#server = new WebSocketServer({ server: http });
    this.#server.on("connection", (socket) => {
      socket.on("message", (data) => {
        this.frames.push(runnerFrame.parse(JSON.parse(String(data))));
        for (const look of this.#waiting) look();
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server.address())}`;
  }

  offer(command: RunnerCommand): void {
    for (const client of this.#server.clients) client.send(JSON.stringify(command));
  }

  cut(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  said(type: RunnerFrame["type"], times = 1): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.frames.filter((frame) => frame.type === type).length >= times) resolve();
      };
      this.#waiting.push(look);
      look();
    });
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

const SKILL = { name: "greet", description: "Says hello.", body: "@say hello from a skill" };

let control: ControlServer;
let room: RoomServer;
let data: string;
let runner: Runner;

const start = (fence: number, run = RUN): RunnerCommand => ({
  type: "start",
  run,
  agent: "ag_test",
  company: "co_test",
  generation: 1,
  fence,
  token: "token",
  feeder: room.url,
});

const promptOf = (text: string) => ({
  run: {
    id: RUN,
    title: "Test",
    subject: { kind: "none" as const },
    by: ANA,
    prompts: [{ by: ANA, text, via: "prompt" as const }],
    attempt: 1,
    ranMs: 0,
  },
});

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "atrium-runner-"));
  room = await RoomServer.listen();
  control = await ControlServer.listen();
  runner = new Runner({
    host: {
      runner: "rn_1",
      home: localHome(control.url, SECRET),
      apiUrl: "http://127.0.0.1:3000",
      data,
      timezone: "UTC",
      sandbox: { kind: "none", reason: "a test", users: undefined },
      skills: async () => [SKILL],
    },
    slots: 1,
    connected: () => {},
  });
  await control.said("hello");
});

afterEach(async () => {
  await runner.stop();
  await control.close();
  await room.close();
  await rm(data, { recursive: true, force: true });
});

describe("a runner", () => {
  it("says what it is", () => {
    expect(control.frames).toEqual([{ type: "hello", runner: "rn_1", slots: 1, sandbox: "none", running: [] }]);
  });

  it("executes a run it was offered, in the agent's own folder", async () => {
    room.claimed = promptOf('@tool write_file {"path": "notes/a.txt", "content": "hello"}\n@say done');
    control.offer(start(3));
    await control.said("finished");
    expect(control.frames.slice(1)).toEqual([
      { type: "accepted", run: RUN, fence: 3 },
      { type: "finished", run: RUN, fence: 3 },
    ]);
    const events = room.stored.flatMap((frame) => frame.events);
    expect(events.at(-1)).toMatchObject({ type: "run.ended", outcome: "done", text: "done" });
    expect(events.find((event) => event.type === "file.changed")).toMatchObject({ path: "notes/a.txt", op: "added" });
    const written = join(data, "workspaces", "co_test", "ag_test", "notes", "a.txt");
    expect(await readFile(written, "utf8")).toBe("hello");
  });

  it("offers its skills to a run, which plays the one that is named", async () => {
    room.claimed = promptOf("Greet everyone\n/greet");
    control.offer(start(3));
    await control.said("finished");
    const events = room.stored.flatMap((frame) => frame.events);
    expect(events.find((event) => event.type === "run.started")).toMatchObject({ skills: ["greet"] });
    expect(events.at(-1)).toMatchObject({ type: "run.ended", text: "hello from a skill" });
  });

  it("refuses a run when its slots are taken", async () => {
    room.claimed = promptOf("@slow 100 100\n@say a long story");
    control.offer(start(3));
    await control.said("accepted");
    control.offer(start(4, "run_other"));
    await control.said("refused");
    expect(control.frames.at(-1)).toEqual({ type: "refused", run: "run_other", fence: 4 });
  });

  it("stops its older claim of a run before it makes a newer one", async () => {
    room.claimed = promptOf("@slow 100 100\n@say a long story");
    control.offer(start(3));
    await room.when(() => room.live.length > 0);
    room.claimed = promptOf("@say short");
    room.stored.length = 0;
    control.offer(start(4));
    await control.said("finished", 2);
    expect(room.stored.every((frame) => frame.fence === 4)).toBe(true);
    expect(room.stored.flatMap((frame) => frame.events).at(-1)).toMatchObject({ type: "run.ended", text: "short" });
  });

  it("names the runs it has when the api comes back", async () => {
    room.claimed = promptOf("@slow 100 100\n@say a long story");
    control.offer(start(3));
    await room.when(() => room.live.length > 0);
    control.cut();
    await control.said("hello", 2);
    expect(control.frames.at(-1)).toMatchObject({ type: "hello", running: [RUN] });
  });

  it("leaves its runs to others when it stops", async () => {
    room.claimed = promptOf("@slow 100 100\n@say a long story");
    control.offer(start(3));
    await room.when(() => room.live.length > 0);
    await runner.stop();
    expect(room.stored.flatMap((frame) => frame.events).some((event) => event.type === "run.ended")).toBe(false);
  });
});
