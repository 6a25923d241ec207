import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentState } from "../../party/protocol/agent.ts";
import type { CompanyState } from "../../party/protocol/company.ts";
import { argumentsDigest } from "../../party/protocol/digest.ts";
import { CLOSE } from "../../party/protocol/limits.ts";
import { signRequest } from "../../party/protocol/sign.ts";
import { until } from "../harness/until.ts";
import { Feeder, type NewEvent } from "./harness/feeder.ts";
import { ROOMS_SECRET, type Rooms, startRooms } from "./harness/rooms.ts";
import { ANA, OLGA, type Viewer } from "./harness/viewer.ts";
import { ENDED, World } from "./harness/world.ts";

const seqs = (viewer: Viewer): number[] => viewer.events.map((event) => event.seq);

/** Frames that ask for consent to a shell command and park the run. */
function asking(run: string, agent: string, expiresAt: string) {
  const input = '{"command":"ls"}';
  const digest = argumentsDigest("shell", input, "/workspace");
  const approval = `ap_${run}`;
  const events: NewEvent[] = [
    { type: "tool.called", call: "call_1", name: "shell", origin: "native", input, policy: "ask", risk: "write" },
    {
      type: "approval.asked",
      approval,
      call: "call_1",
      digest,
      risk: "write",
      quorum: { need: 1 },
      expiresAt,
      question: "Run ls?",
    },
    { type: "run.state", state: "waiting", why: "Waiting for consent" },
  ];
  const ask = {
    approval,
    agent,
    agentName: "Guide",
    run,
    runTitle: "Tidy up",
    call: "call_1",
    tool: "shell",
    input,
    digest,
    risk: "write" as const,
    question: "Run ls?",
    cwd: "/workspace",
    cause: { id: ANA.id, name: ANA.name, kind: "person" as const },
    need: 1,
    expiresAt,
  };
  return { approval, digest, events, ask };
}

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

describe("rooms that are stopped and started again", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "keeps the log contiguous, the epoch and every acknowledged event over %s",
    async (signal) => {
      const world = await World.create(rooms);
      const { feeder } = await world.run();
      const first = await world.view("agent");
      const { epoch, head } = first.hello;
      let acknowledged = 0;
      // Events travel while the process dies: some are acknowledged, some are not.
      const sending = (async () => {
        for (let i = 0; ; i++) acknowledged = await feeder.commit([{ type: "log", level: "info", text: `${i}` }]);
      })().catch(() => undefined);
      await until("some events", () => acknowledged > head + 30);
      await rooms.restart(signal);
      feeder.socket.terminate();
      const seen = first.events.length;
      const back = await world.view("agent", { cursor: { epoch, after: first.seq } });
      expect(back.hello).toMatchObject({ mode: "resumed", epoch });
      expect(back.hello.head).toBeGreaterThanOrEqual(acknowledged);
      const whole = await world.view("agent", { cursor: { epoch, after: head } });
      await until("the whole log", () => whole.seq === back.hello.head && back.seq === back.hello.head);
      expect(seqs(whole)).toEqual(Array.from({ length: whole.events.length }, (_, i) => head + 1 + i));
      expect([...first.events, ...back.events]).toEqual(whole.events);
      expect(seen).toBeGreaterThan(0);
      void sending;
      for (const viewer of [back, whole]) await viewer.leave();
    },
  );

  it("keeps a pending approval pending, and a decision after the restart lets the run go on", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    const { approval, digest, events, ask } = asking(dispatch.run, world.agent, inMs(600_000));
    await feeder.commit(events, { asks: [ask], release: "wait" });
    const company = await world.view("company");
    await until("the approval", () => JSON.stringify(company.frames).includes(approval));
    await rooms.restart();
    const back = await world.view("company", { who: OLGA });
    expect(back.snapshot<CompanyState>().state.approvals[approval]).toMatchObject({ state: "pending" });
    const decided = await back.command({ type: "approval.decide", approval, version: 1, digest, decision: "allow" });
    expect(decided).toMatchObject({ type: "ack", result: { state: "allowed" } });
    const next = await until("the next dispatch", () =>
      rooms.api.dispatches.find((one) => one.run === dispatch.run && one.fence > dispatch.fence),
    );
    const again = await Feeder.open(rooms, world.agent, next.run, "rn_other", next.fence);
    const claimed = await again.claim();
    expect(claimed.calls).toMatchObject([
      { call: "call_1", approval: { id: approval, decision: "allow", by: [{ name: "Olga" }] } },
    ]);
    await again.commit([{ type: "tool.ended", call: "call_1", ok: true, output: "a", ms: 1, effect: "done" }, ENDED], {
      release: "end",
    });
    await back.leave();
  });

  it("keeps the lease: the same runner goes on under its fence with a full TTL, another is refused", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    await feeder.commit([{ type: "log", level: "info", text: "before" }]);
    await rooms.restart();
    const other = await Feeder.open(rooms, world.agent, dispatch.run, "rn_other", dispatch.fence);
    other.send({ type: "claim", run: dispatch.run, runner: "rn_other", fence: dispatch.fence });
    expect(await other.answer("refused")).toMatchObject({ code: "fenced" });
    const same = await Feeder.open(rooms, world.agent, dispatch.run, "rn_test", dispatch.fence);
    expect(await same.claim()).toMatchObject({ fence: dispatch.fence, last: 2 });
    await same.commit([{ type: "log", level: "info", text: "after" }]);
    expect(rooms.api.dispatches.filter((one) => one.run === dispatch.run)).toHaveLength(1);
    await same.commit([ENDED], { release: "end" });
  });

  it("fires an alarm that became due while it was dead: expiry denies and the run goes on", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    const { approval, events, ask } = asking(dispatch.run, world.agent, inMs(900));
    await feeder.commit(events, { asks: [ask], release: "wait" });
    await until("the approval", async () => {
      const { text } = await rooms.internal("GET", "company", world.company, "/internal/state");
      return text.includes(approval);
    });
    await rooms.end("SIGKILL");
    await until("the expiry", () => Date.now() > Date.parse(ask.expiresAt));
    await rooms.start();
    // Nobody speaks to these rooms: their alarms alone must bring the run back.
    const next = await until("the next dispatch", () =>
      rooms.api.dispatches.find((one) => one.run === dispatch.run && one.fence > dispatch.fence),
    );
    const again = await Feeder.open(rooms, world.agent, next.run, "rn_other", next.fence);
    expect((await again.claim()).calls).toMatchObject([{ approval: { decision: "expired" } }]);
  });

  it("ends the lease of a runner that is reported dead at once, and refuses its late frames", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    const link = await world.link("agent");
    await link.send({ op: "runner.gone", runner: "rn_test" });
    const next = await until("the next dispatch", () =>
      rooms.api.dispatches.find((one) => one.run === dispatch.run && one.fence > dispatch.fence),
    );
    feeder.post([{ type: "log", level: "info", text: "from the dead" }]);
    await feeder.answer("fenced");
    const viewer = await world.view("agent");
    expect(viewer.snapshot<AgentState>().state.runs[dispatch.run]?.state).toBe("retrying");
    expect(next.fence).toBe(dispatch.fence + 1);
    link.close();
    await viewer.leave();
  });

  it("closes every socket with 1012 before a stop", async () => {
    const world = await World.create(rooms);
    const viewers = [await world.view("agent"), await world.view("company"), await world.view("session")];
    const { feeder } = await world.run();
    const link = await world.link("agent");
    const linkEnd = new Promise((done) => link.socket.once("close", done));
    const path = "/internal/restart";
    const answer = await rooms.request("POST", path, "{}", signRequest(ROOMS_SECRET, "POST", path, "{}", Date.now()));
    expect(answer.status).toBe(200);
    for (const viewer of viewers) expect((await viewer.end()).code).toBe(CLOSE.restarting);
    await until("the end of the feeder", () => feeder.closed?.code === CLOSE.restarting);
    expect(await linkEnd).toBe(CLOSE.restarting);
  });
});
