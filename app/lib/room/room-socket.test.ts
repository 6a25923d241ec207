import { describe, expect, it } from "vitest";
import type { StampedAgentEvent } from "../../../party/protocol/agent.ts";
import { EMPTY_AGENT } from "../../../party/protocol/agent-state.ts";
import { CLOSE } from "../../../party/protocol/limits.ts";
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS } from "./backoff.ts";
import { FakeNetwork } from "./fake-network.ts";
import { CommandRefused } from "./frames.ts";
import { RoomSocket } from "./room-socket.ts";
import type { RoomStatus } from "./status.ts";

const PERSON = { id: "u_1", name: "Ana Ruiz", kind: "person" } as const;

function event(seq: number): StampedAgentEvent {
  return { seq, at: "2026-01-01T00:00:00.000Z", type: "agent.resumed", by: PERSON };
}

function events(from: number, to: number): StampedAgentEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) => event(from + i));
}

class Viewer {
  readonly network = new FakeNetwork();
  readonly seqs: number[] = [];
  readonly statuses: RoomStatus[] = [];
  resets: number[] = [];
  people: string[] = [];
  live = 0;
  readonly socket = new RoomSocket("agent", "ag_1", this.network.deps, {
    status: (status) => this.statuses.push(status),
    reset: (_state, seq) => this.resets.push(seq),
    events: (list) => this.seqs.push(...list.map((e) => e.seq)),
    live: (items) => {
      this.live += items.length;
    },
    presence: (people) => {
      this.people = people.map((p) => p.id);
    },
    hello: () => {},
  });

  get kind(): RoomStatus["kind"] {
    return this.socket.status.kind;
  }

  /** Enters the room with a snapshot at `seq`. */
  async enter(seq = 0): Promise<this> {
    this.socket.start();
    await this.network.settle();
    this.network.last.open().hello({ mode: "reset", reason: "new", head: seq }, this.network.now);
    this.network.last.say({ type: "snapshot", seq, state: JSON.stringify(EMPTY_AGENT), part: 0, parts: 1 });
    return this;
  }

  /** Comes back in the socket that was just opened. */
  resume(head: number): void {
    this.network.last.open().hello({ mode: "resumed", head }, this.network.now);
  }
}

describe("entering", () => {
  it("asks for a ticket, joins the parts of the snapshot and is live", async () => {
    const viewer = new Viewer();
    viewer.socket.start();
    await viewer.network.settle();
    const { last } = viewer.network;
    expect(last.url.searchParams.get("ticket")).toBe("t1");
    expect(last.url.searchParams.has("epoch")).toBe(false);
    const state = JSON.stringify(EMPTY_AGENT);
    last.open().hello({ mode: "reset", reason: "new", head: 7 }, viewer.network.now);
    last.say({ type: "snapshot", seq: 7, state: state.slice(0, 5), part: 0, parts: 2 });
    expect(viewer.kind).toBe("catching_up");
    last.say({ type: "snapshot", seq: 7, state: state.slice(5), part: 1, parts: 2 });
    expect(viewer.resets).toEqual([7]);
    expect(viewer.kind).toBe("live");
  });

  it("stays out of a room it may not see, and asks again only when told to", async () => {
    const viewer = new Viewer();
    viewer.network.ticketAnswers = [{ kind: "not_found" }];
    viewer.socket.start();
    await viewer.network.advance(120_000);
    expect(viewer.socket.status).toEqual({ kind: "refused", why: "not_found" });
    expect(viewer.network.tickets).toBe(1);
    viewer.socket.start();
    await viewer.network.settle();
    expect(viewer.network.tickets).toBe(2);
  });

  it("asks for a reload when the room speaks another version", async () => {
    const viewer = new Viewer();
    viewer.socket.start();
    await viewer.network.settle();
    viewer.network.last.open().hello({ mode: "resumed", v: 99 }, viewer.network.now);
    expect(viewer.kind).toBe("outdated");
    expect(viewer.network.last.closedByClient).toBe(true);
  });
});

describe("events", () => {
  it("applies each seq once, in order, whatever is repeated", async () => {
    const viewer = await new Viewer().enter(3);
    viewer.network.last.say({ type: "events", events: events(2, 5) });
    viewer.network.last.say({ type: "events", events: events(4, 6) });
    expect(viewer.seqs).toEqual([4, 5, 6]);
  });

  it("never passes over a gap: it keeps what is whole and returns with its cursor", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.network.last.say({ type: "events", events: [event(1), event(2), event(5)] });
    expect(viewer.seqs).toEqual([1, 2]);
    await viewer.network.settle();
    expect(viewer.network.sockets).toHaveLength(2);
    expect(viewer.network.last.url.searchParams.get("after")).toBe("2");
  });

  it("asks for the next page of a catch-up and is live only at the head", async () => {
    const viewer = await new Viewer().enter(1);
    viewer.network.last.drop(1006);
    await viewer.network.advance(BACKOFF_MIN_MS);
    viewer.resume(5);
    const { last } = viewer.network;
    last.say({ type: "events", events: events(2, 3), more: true });
    expect(last.frames("more")).toEqual([{ type: "more", seq: 3 }]);
    expect(viewer.kind).toBe("catching_up");
    last.say({ type: "events", events: events(4, 5) });
    expect(viewer.socket.status).toMatchObject({ kind: "live", missed: 4 });
    expect(viewer.seqs).toEqual([2, 3, 4, 5]);
  });

  it("throws away what it had when the room says reset", async () => {
    const viewer = await new Viewer().enter(9);
    viewer.network.last.drop(1006);
    await viewer.network.advance(BACKOFF_MIN_MS);
    expect(viewer.network.last.url.searchParams.get("epoch")).toBe("e1");
    viewer.network.last.open().hello({ mode: "reset", reason: "epoch", epoch: "e2", head: 2 }, viewer.network.now);
    viewer.network.last.say({ type: "snapshot", seq: 2, state: JSON.stringify(EMPTY_AGENT), part: 0, parts: 1 });
    viewer.network.last.say({ type: "events", events: [event(3)] });
    expect(viewer.resets).toEqual([9, 2]);
    expect(viewer.seqs).toEqual([3]);
  });

  it("ignores frames it does not know and text that is none", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.network.last.raw("not json").raw('{"type":"from the future"}').raw("[1]");
    viewer.network.last.say({ type: "events", events: [event(1)] });
    expect(viewer.seqs).toEqual([1]);
  });
});

describe("reconnecting", () => {
  it("waits longer after each failure, up to the cap, and starts small again after success", async () => {
    const viewer = await new Viewer().enter(0);
    const waits: number[] = [];
    viewer.network.last.drop(1006);
    for (let i = 0; i < 12; i++) {
      const { status } = viewer.socket;
      if (status.kind !== "waiting") throw new Error(`expected to wait, was ${status.kind}`);
      waits.push(status.retryAt - viewer.network.now);
      await viewer.network.advance(status.retryAt - viewer.network.now);
      viewer.network.last.drop(1006);
    }
    expect(waits.slice(0, 3)).toEqual([500, 800, 1_280]);
    expect(waits.at(-1)).toBe(BACKOFF_MAX_MS);
    await viewer.network.advance(BACKOFF_MAX_MS);
    viewer.resume(0);
    viewer.network.last.drop(1006);
    expect(viewer.socket.status).toMatchObject({ kind: "waiting", retryAt: viewer.network.now + BACKOFF_MIN_MS });
  });

  it.each([
    ["restarting", CLOSE.restarting],
    ["lagging", CLOSE.lagging],
    ["a used ticket", CLOSE.ticket],
  ])("returns at once with a new ticket and its cursor after %s", async (_name, code) => {
    const viewer = await new Viewer().enter(4);
    viewer.network.last.drop(code);
    await viewer.network.settle();
    expect(viewer.network.sockets).toHaveLength(2);
    expect(viewer.network.last.url.searchParams.get("ticket")).toBe("t2");
    expect(viewer.network.last.url.searchParams.get("after")).toBe("4");
  });

  it("hurries once only: a room that keeps cutting is given time", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.network.last.drop(CLOSE.restarting);
    await viewer.network.settle();
    viewer.network.last.drop(CLOSE.restarting);
    expect(viewer.kind).toBe("waiting");
  });

  it("waits as long as a busy server asks for", async () => {
    const viewer = new Viewer();
    viewer.network.ticketAnswers = [{ kind: "later", retryAfterMs: 7_000 }];
    viewer.socket.start();
    await viewer.network.settle();
    expect(viewer.socket.status).toMatchObject({ kind: "waiting", retryAt: viewer.network.now + 7_000 });
  });

  it("tries at once when the network comes back", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.network.last.drop(1006);
    viewer.socket.nudge();
    await viewer.network.settle();
    expect(viewer.network.sockets).toHaveLength(2);
  });

  it("stops after a change of rights until someone asks again", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.network.last.drop(CLOSE.rights);
    await viewer.network.advance(300_000);
    expect(viewer.socket.status).toEqual({ kind: "refused", why: "rights" });
    expect(viewer.network.sockets).toHaveLength(1);
    viewer.socket.start();
    await viewer.network.settle();
    viewer.resume(0);
    expect(viewer.kind).toBe("live");
  });

  it("stops for a newer version", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.network.last.drop(CLOSE.upgrade);
    expect(viewer.kind).toBe("outdated");
  });

  it("notices a socket that died without a word", async () => {
    const viewer = await new Viewer().enter(0);
    await viewer.network.advance(25_000);
    expect(viewer.network.last.sent).toContain('{"type":"ping"}');
    viewer.network.last.say({ type: "pong" });
    await viewer.network.advance(25_000);
    expect(viewer.kind).toBe("live");
    await viewer.network.advance(5_000);
    expect(viewer.kind).toBe("waiting");
    expect(viewer.network.sockets[0]?.closedByClient).toBe(true);
  });

  it("doubts its socket at once when the network changed, and only then", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.socket.nudge();
    viewer.socket.nudge();
    expect(viewer.network.last.frames("ping")).toHaveLength(1);
    viewer.network.last.say({ type: "pong" });
    await viewer.network.advance(5_000);
    expect(viewer.kind).toBe("live");
    viewer.socket.nudge();
    await viewer.network.advance(5_000);
    expect(viewer.kind).toBe("waiting");
  });

  it("pays no attention to a socket it has left", async () => {
    const viewer = await new Viewer().enter(0);
    const old = viewer.network.last;
    old.drop(CLOSE.restarting);
    await viewer.network.settle();
    viewer.resume(0);
    old.say({ type: "events", events: [event(1)] });
    old.drop(CLOSE.rights);
    expect(viewer.seqs).toEqual([]);
    expect(viewer.kind).toBe("live");
  });
});

describe("commands", () => {
  it("carry a deadline of the room's clock, not of this device's", async () => {
    const viewer = new Viewer();
    viewer.socket.start();
    await viewer.network.settle();
    const roomNow = viewer.network.now + 3_600_000;
    viewer.network.last.open().hello({ mode: "resumed" }, roomNow);
    void viewer.socket.command({ type: "agent.resume" });
    const [frame] = viewer.network.last.frames("command");
    expect(Date.parse(String(frame?.deadline))).toBe(roomNow + 30_000);
  });

  it("resolve with the answer of the room", async () => {
    const viewer = await new Viewer().enter(0);
    const answer = viewer.socket.command({ type: "run.wake", prompt: "hello" });
    viewer.network.last.say({ type: "ack", id: "command-1", seq: 12, result: { runId: "run_1" } });
    await expect(answer).resolves.toEqual({ seq: 12, result: { runId: "run_1" } });
  });

  it("reject with the room's reason and the one who was first", async () => {
    const viewer = await new Viewer().enter(0);
    const answer = viewer.socket.command({ type: "agent.pause" });
    const winner = { by: PERSON, decision: "allow", at: "2026-01-01T00:00:00.000Z" };
    viewer.network.last.say({
      type: "nack",
      id: "command-1",
      code: "decided",
      message: "Ana allowed this.",
      retryable: false,
      winner,
    });
    await expect(answer).rejects.toMatchObject({ code: "decided", message: "Ana allowed this.", winner });
  });

  it("are sent again with the same id and deadline after a reconnect, and answered once", async () => {
    const viewer = await new Viewer().enter(0);
    const answer = viewer.socket.command({ type: "run.wake", prompt: "hello" });
    const [first] = viewer.network.last.frames("command");
    viewer.network.last.drop(CLOSE.restarting);
    await viewer.network.settle();
    viewer.resume(0);
    expect(viewer.network.last.frames("command")).toEqual([first]);
    viewer.network.last.say({ type: "ack", id: "command-1", seq: 3 });
    await expect(answer).resolves.toMatchObject({ seq: 3 });
    viewer.network.last.drop(CLOSE.restarting);
    await viewer.network.settle();
    viewer.resume(0);
    expect(viewer.network.last.frames("command")).toEqual([]);
  });

  it("are refused at once without a connection, so nothing is queued silently", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.network.last.drop(1006);
    await expect(viewer.socket.command({ type: "agent.pause" })).rejects.toMatchObject({ code: "offline", retryable: true });
  });

  it("are refused when the room would close the connection on their size, and never sent", async () => {
    const viewer = await new Viewer().enter(0);
    // Each of these quotes is two bytes on the wire.
    const prompt = '"'.repeat(40_000);
    await expect(viewer.socket.command({ type: "run.wake", prompt })).rejects.toMatchObject({
      code: "too_long",
      retryable: false,
    });
    viewer.network.last.drop(CLOSE.restarting);
    await viewer.network.settle();
    viewer.resume(0);
    expect(viewer.network.last.frames("command")).toEqual([]);
  });

  it("are refused when the rights are gone before the answer", async () => {
    const viewer = await new Viewer().enter(0);
    const answer = viewer.socket.command({ type: "agent.pause" });
    viewer.network.last.drop(CLOSE.rights);
    await expect(answer).rejects.toBeInstanceOf(CommandRefused);
  });
});

describe("presence", () => {
  it("follows the whole list and its changes", async () => {
    const viewer = await new Viewer().enter(0);
    const entry = (id: string) => ({ id, name: id, role: "member" as const, devices: ["desktop" as const] });
    viewer.network.last.say({ type: "presence", people: [entry("a"), entry("b")] });
    viewer.network.last.say({ type: "presence", join: [entry("c")], leave: ["a"] });
    expect(viewer.people).toEqual(["b", "c"]);
  });

  it("says again after a reconnect what this viewer does", async () => {
    const viewer = await new Viewer().enter(0);
    viewer.socket.present({ place: "run_1" });
    viewer.socket.present({ typing: true });
    viewer.network.last.drop(CLOSE.restarting);
    await viewer.network.settle();
    viewer.resume(0);
    expect(viewer.network.last.frames("presence")).toEqual([{ type: "presence", place: "run_1", typing: true }]);
  });
});

it("tells the room how far it has read: every 64 frames, and after two seconds", async () => {
  const viewer = await new Viewer().enter(0);
  for (let seq = 1; seq <= 64; seq++) viewer.network.last.say({ type: "events", events: [event(seq)] });
  expect(viewer.network.last.frames("seen")).toEqual([{ type: "seen", seq: 64 }]);
  viewer.network.last.say({ type: "live", items: [{ type: "tool.progress", run: "r", call: "c", text: "." }] });
  await viewer.network.advance(2_000);
  expect(viewer.network.last.frames("seen").at(-1)).toEqual({ type: "seen", seq: 64 });
  expect(viewer.live).toBe(1);
});
