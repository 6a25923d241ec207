/** A room's host in a test's hands: a clock that moves when told, timers, sockets and peers that answer as the test says. */
import type { RoomHost, RoomSocket } from "../ports.ts";
import { Disk, TurnStorage } from "./disk.ts";

type Answer = { status: number; body: string };
type Post = { to: string; path: string; body: string; answer: (answer: Answer) => void; fail: (error: Error) => void };

/** Resolves when every promise that can go on has done so. */
export function settled(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

export class TestHost implements RoomHost {
  static #lives = 0;
  readonly id = "room_1";
  readonly env = { generation: 1 };
  readonly slept = false;
  readonly disk: Disk;
  storage: TurnStorage;
  readonly open: TestSocket[] = [];
  /** requests that wait for the test's answer */
  readonly posts: Post[] = [];
  readonly logged: string[] = [];
  #now = Date.UTC(2026, 0, 1);
  #timers: { at: number; task: () => void }[] = [];
  /** differs between two lives on one disk, as true chance does */
  #random = TestHost.#lives++;

  constructor(disk = new Disk()) {
    this.disk = disk;
    this.storage = new TurnStorage(disk);
  }

  sockets(): RoomSocket[] {
    return this.open.filter((socket) => socket.readyState === 1);
  }

  now(): number {
    return this.#now;
  }

  random(bytes: number): Uint8Array {
    return Uint8Array.from({ length: bytes }, () => {
      this.#random = (this.#random * 31 + 7) % 251;
      return this.#random;
    });
  }

  after(ms: number, task: () => void): void {
    this.#timers.push({ at: this.#now + ms, task });
  }

  postRoom(party: string, room: string, path: string, body: string): Promise<Answer> {
    return this.#post(`${party}/${room}`, path, body);
  }

  postApi(path: string, body: string): Promise<Answer> {
    return this.#post("api", path, body);
  }

  log(level: string, message: string): void {
    this.logged.push(`${level}: ${message}`);
  }

  /** Puts what was written on disk. */
  flush(): void {
    this.disk.commit(this.storage.endTurn());
  }

  /** Lets time pass: timers fire in their order. */
  async wait(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.sort((a, b) => a.at - b.at);
      if (!next || next.at > until) break;
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.task();
      await settled();
    }
    this.#now = until;
  }

  /** Sets the clock, without any time passing. */
  jump(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) timer.at += ms;
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** The oldest request that waits. */
  async post(): Promise<Post> {
    await settled();
    const post = this.posts.shift();
    if (!post) throw new Error("no request waits");
    return post;
  }

  #post(to: string, path: string, body: string): Promise<Answer> {
    return new Promise((answer, fail) => this.posts.push({ to, path, body, answer, fail }));
  }
}

export class TestSocket implements RoomSocket {
  static #ids = 0;
  readonly id: string;
  readyState = 1;
  bufferedAmount: number | undefined = 0;
  state: unknown = null;
  readonly sent: string[] = [];
  closed: { code: number | undefined; reason: string | undefined } | undefined;

  constructor() {
    TestSocket.#ids += 1;
    this.id = `socket_${TestSocket.#ids}`;
  }

  setState(state: unknown): unknown {
    this.state = structuredClone(state);
    return this.state;
  }

  send(message: string): void {
    if (this.readyState !== 1) throw new Error("the socket is closed");
    this.sent.push(message);
  }

  close(code?: number, reason?: string): void {
    this.readyState = 2;
    this.closed ??= { code, reason };
  }

  /** Frames of one type, parsed. */
  frames(type: string): Record<string, unknown>[] {
    return this.sent.map((text): Record<string, unknown> => JSON.parse(text)).filter((frame) => frame.type === type);
  }
}
