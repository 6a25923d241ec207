/**
 * The api under simulation: its archive and fences are on disk, its links to rooms and its waiting callers are not. The
 * order of what a room is told is that of the real link queue.
 */
import type { HttpAnswer } from "../../party/lib/intake.ts";
import {
  archiveRequest,
  type DispatchRequest,
  dispatchRequest,
  linkAnswers,
  type OpAnswer,
  type RecordChange,
  type RoomOp,
} from "../../party/protocol/internal.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import { LinkQueue } from "../../server/rooms/client/link-queue.ts";
import { newIdFrom } from "./ids.ts";
import type { Kernel } from "./kernel.ts";
import type { End } from "./network.ts";
import type { Oracle } from "./oracle.ts";
import type { RoomsProcess } from "./rooms.ts";
import type { Runner } from "./runner.ts";

/** ms between two attempts of a link */
const RECONNECT_MS = 150;
/** ms a caller waits for a room */
const ASK_MS = 10_000;
/** ms a killed api is away */
const DOWN_MS = [50, 1_500] as const;
/** ms until a link to a hung room is replaced */
const FRAME_ANSWER_MS = 10_000;

type Row = { row: number; party: Party; room: string; change: RecordChange };

export class Api {
  readonly #kernel: Kernel;
  readonly #rooms: RoomsProcess;
  readonly #oracle: Oracle;
  #links = new Map<string, Link>();
  /** rows the rooms have not confirmed, on disk */
  #outbox: Row[] = [];
  #rows = 0;
  /** highest fence of a run and who holds it, on disk */
  readonly #fences = new Map<string, { fence: number; runner: string }>();
  readonly runners = new Map<string, Runner>();
  up = true;
  diskFull = false;

  constructor(kernel: Kernel, rooms: RoomsProcess, oracle: Oracle) {
    this.#kernel = kernel;
    this.#rooms = rooms;
    this.#oracle = oracle;
    rooms.onApi = (path, body) => this.#take(path, body);
  }

  get restless(): number {
    return this.#outbox.length + [...this.#links.values()].reduce((sum, link) => sum + link.waiting, 0);
  }

  /** Commits a change of records; its room hears of it in order. */
  record(party: Party, room: string, change: RecordChange): void {
    this.#rows += 1;
    const row = { row: this.#rows, party, room, change };
    this.#outbox.push(row);
    if (this.up) this.#deliver(row);
  }

  /** Asks a room something; the answer is lost with the api. */
  ask(party: Party, room: string, id: string, body: RoomOp): Promise<OpAnswer> {
    return new Promise((settle) => {
      if (!this.up) return settle({ n: 0, ok: false, code: "away", message: "", retryable: true });
      this.#link(party, room).push({ id, body, kind: "ask", deadline: this.#kernel.now + ASK_MS, settle });
    });
  }

  kill(): void {
    if (!this.up) return;
    this.#kernel.note("api killed");
    this.up = false;
    for (const link of this.#links.values()) link.end();
    this.#links = new Map();
    this.#kernel.after(this.#kernel.random.between(...DOWN_MS), () => {
      this.up = true;
      for (const row of this.#outbox) this.#deliver(row);
    });
  }

  /** A runner claims the right to carry out an approved call, with its fence. */
  async execute(
    run: string,
    runner: string,
    fence: number,
    company: string,
    approval: string,
    digest: string,
  ): Promise<OpAnswer> {
    if (!this.#holds(run, runner, fence)) return { n: 0, ok: false, code: "stale_fence", message: "", retryable: false };
    return this.ask("company", company, newIdFrom(this.#kernel, "st"), { op: "approval.execute", approval, digest, fence, run });
  }

  async executed(run: string, runner: string, fence: number, company: string, approval: string): Promise<OpAnswer> {
    if (!this.#holds(run, runner, fence)) return { n: 0, ok: false, code: "stale_fence", message: "", retryable: false };
    return this.ask("company", company, newIdFrom(this.#kernel, "st"), {
      op: "approval.executed",
      approval,
      fence,
      run,
      effect: "done",
    });
  }

  /** The launcher reports a dead runner. */
  gone(runner: string, agents: readonly string[]): void {
    if (!this.up) {
      this.#kernel.after(500, () => this.gone(runner, agents));
      return;
    }
    for (const agent of agents) {
      void this.ask("agent", agent, newIdFrom(this.#kernel, "st"), { op: "runner.gone", runner }).then((answer) => {
        if (!answer.ok) this.#kernel.after(500, () => this.gone(runner, [agent]));
      });
    }
  }

  #holds(run: string, runner: string, fence: number): boolean {
    const held = this.#fences.get(run);
    return held?.fence === fence && held.runner === runner;
  }

  #deliver({ row, party, room, change }: Row): void {
    this.#link(party, room).push({
      id: `row-${row}`,
      body: { op: "record", generation: 1, row, change },
      kind: "record",
      settle: (answer) => {
        if (!answer.ok) this.#oracle.fail(`row ${row} was refused: ${answer.code}`);
        this.#outbox = this.#outbox.filter((one) => one.row !== row);
      },
    });
  }

  #link(party: Party, room: string): Link {
    const key = `${party}/${room}`;
    let link = this.#links.get(key);
    if (!link) {
      link = new Link(this.#kernel, this.#rooms, party, room);
      this.#links.set(key, link);
    }
    return link;
  }

  #take(path: string, body: string): HttpAnswer | "no answer" | "away" {
    if (!this.up) return "away";
    if (path === "/internal/dispatch") return this.#dispatch(dispatchRequest.parse(JSON.parse(body)));
    if (path !== "/internal/archive") return { status: 404, body: "" };
    if (this.diskFull) return { status: 507, body: "" };
    const raw = JSON.parse(body);
    const post = archiveRequest.parse(raw);
    // The events as they came: parsing changes the order of their keys.
    this.#oracle.archived(`${post.party}/${post.room}`, post.epoch, raw.events);
    return { status: 200, body: "{}" };
  }

  #dispatch({ run, agent, fence }: DispatchRequest): HttpAnswer {
    const free = this.#kernel.random.shuffled([...this.runners.values()]).find((runner) => runner.free);
    if (!free) return { status: 503, body: "" };
    const held = this.#fences.get(run);
    if (held && held.fence > fence) return { status: 409, body: "" };
    this.#fences.set(run, { fence, runner: free.id });
    free.offer(agent, run, fence);
    return { status: 200, body: "" };
  }
}

/** One ordered connection to one room. */
class Link {
  readonly #kernel: Kernel;
  readonly #rooms: RoomsProcess;
  readonly #party: Party;
  readonly #room: string;
  readonly #queue = new LinkQueue();
  #end: End | undefined;
  #waitsToConnect = false;
  #ended = false;

  constructor(kernel: Kernel, rooms: RoomsProcess, party: Party, room: string) {
    this.#kernel = kernel;
    this.#rooms = rooms;
    this.#party = party;
    this.#room = room;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  push(entry: Parameters<LinkQueue["push"]>[0]): void {
    this.#queue.push(entry);
    if (entry.deadline !== undefined) this.#kernel.after(ASK_MS, () => this.#expire());
    this.#flush();
  }

  end(): void {
    this.#ended = true;
    this.#end?.cut();
    this.#end = undefined;
    for (const entry of this.#queue.drain()) {
      if (entry.kind === "ask") entry.settle({ n: 0, ok: false, code: "away", message: "", retryable: true });
    }
  }

  #expire(): void {
    for (const entry of this.#queue.expire(this.#kernel.now)) {
      entry.settle({ n: 0, ok: false, code: "rooms_away", message: "", retryable: true });
    }
  }

  #flush(): void {
    if (this.#ended || this.#queue.size === 0) return;
    const end = this.#end;
    if (!end) {
      this.#connect();
      return;
    }
    for (let frame = this.#queue.take(this.#kernel.now); frame; frame = this.#queue.take(this.#kernel.now)) {
      if (end.state !== "open") return;
      end.send(frame);
      this.#kernel.after(FRAME_ANSWER_MS, () => {
        const sentAt = this.#queue.oldestSentAt;
        if (end === this.#end && sentAt !== undefined && this.#kernel.now - sentAt >= FRAME_ANSWER_MS) end.cut();
      });
    }
  }

  #connect(): void {
    if (this.#waitsToConnect) return;
    const end = this.#rooms.connect((there) =>
      this.#rooms.room(this.#party, this.#room).accept(there, (socket) => socket.setState({ k: "link" })),
    );
    if (!end) {
      this.#later();
      return;
    }
    this.#end = end;
    end.listener = {
      message: (text) => {
        if (this.#ended) return;
        const { again } = this.#queue.answer(linkAnswers.parse(JSON.parse(text)).items);
        if (again) this.#kernel.after(RECONNECT_MS, () => this.#flush());
        else this.#flush();
      },
      closed: () => {
        if (this.#end !== end) return;
        this.#end = undefined;
        this.#queue.disconnected();
        this.#later();
      },
    };
    this.#flush();
  }

  #later(): void {
    if (this.#waitsToConnect || this.#ended) return;
    this.#waitsToConnect = true;
    this.#kernel.after(RECONNECT_MS, () => {
      this.#waitsToConnect = false;
      this.#flush();
    });
  }
}
