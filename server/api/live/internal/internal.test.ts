import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { newId } from "../../../../party/protocol/ids.ts";
import { type RunnerCommand, SOCKET_KIND_HEADER } from "../../../../party/protocol/internal.ts";
import { signRequest } from "../../../../party/protocol/sign.ts";
import { TEST_SECRETS, type TestPerson, text } from "../../test-app.ts";
import { liveOf } from "../state.ts";
import { itemsOf, makeCompany, TestStack } from "../test-stack.ts";

/** Claims a run as the runner it was offered to, and then says nothing more. */
async function claim(runner: string, { feeder, run, fence }: RunnerCommand): Promise<WebSocket> {
  const headers = {
    ...signRequest(TEST_SECRETS.ATRIUM_ROOMS_SECRET, "GET", new URL(feeder).pathname, "", Date.now()),
    [SOCKET_KIND_HEADER]: "feeder",
  };
  const socket = new WebSocket(feeder, { headers });
  await new Promise((done, failed) => socket.once("open", done).once("error", failed));
  const claimed = new Promise<string>((resolve) => socket.on("message", (data) => resolve(String(data))));
  socket.send(JSON.stringify({ type: "claim", run, runner, fence }));
  expect(await claimed).toContain('"claimed"');
  return socket;
}

/** bytes free on the disk of the test; the limit is 64 MiB */
let free = Number.MAX_SAFE_INTEGER;

describe("the loopback listener", () => {
  let stack: TestStack;
  let ana: TestPerson;
  let company: string;
  let agent: string;
  let path: string;

  beforeEach(async () => {
    free = Number.MAX_SAFE_INTEGER;
    stack = await TestStack.open({ freeSpace: async () => free });
    ({ ana, company, agent, path } = await makeCompany(stack));
  });
  afterEach(() => stack.close());

  const request = (run: string, fence: number) => ({ company, agent, run, generation: 1, fence });
  const dispatch = (run: string, fence: number) => stack.internal("/internal/dispatch", request(run, fence));
  const rows = async (sql: string) => (await stack.app.services.read.execute(sql)).rows;

  describe("dispatch", () => {
    it("answers 503 while no runner has a free slot, and raises no fence", async () => {
      expect(await dispatch("run_a", 1)).toMatchObject({ status: 503, body: { error: { code: "no_runner" } } });
      await stack.puppet("rn_full", 1, ["run_x"]);
      expect((await dispatch("run_a", 1)).status).toBe(503);
      expect(await rows("SELECT * FROM run_leases")).toEqual([]);
    });

    it("asks one runner after another and raises the fence before each", async () => {
      const unwilling = await stack.puppet("rn_unwilling", 2);
      unwilling.onOffer = ({ run, fence }) => unwilling.say({ type: "refused", run, fence });
      const willing = await stack.puppet("rn_willing", 1);
      let atOffer: unknown;
      willing.onOffer = async ({ run, fence }) => {
        atOffer = await rows("SELECT runner, fence FROM run_leases WHERE run = 'run_a'");
        willing.say({ type: "accepted", run, fence });
      };
      expect(await dispatch("run_a", 3)).toMatchObject({ status: 200, body: { runner: "rn_willing" } });
      expect(unwilling.offers).toMatchObject([{ type: "start", run: "run_a", fence: 3 }]);
      expect(willing.offers[0]?.feeder).toBe(
        `${stack.app.services.settings.roomsUrl.replace("http", "ws")}/parties/agent/${agent}`,
      );
      expect(atOffer).toMatchObject([{ runner: "rn_willing", fence: 3 }]);
      expect((await dispatch("run_b", 1)).status).toBe(503);
      willing.say({ type: "finished", run: "run_a", fence: 3 });
      unwilling.leave();
      await vi.waitUntil(async () => (await dispatch("run_b", 1)).status === 200);
    });

    it("goes on to the next runner when one leaves in the middle of an offer", async () => {
      const leaving = await stack.puppet("rn_leaving", 2);
      leaving.onOffer = () => leaving.leave();
      const staying = await stack.puppet("rn_staying", 1);
      staying.onOffer = ({ run, fence }) => staying.say({ type: "accepted", run, fence });
      expect(await dispatch("run_a", 1)).toMatchObject({ status: 200, body: { runner: "rn_staying" } });
    });

    it("refuses a lower fence, and a body that is signed by nobody", async () => {
      const runner = await stack.puppet("rn_1", 4);
      runner.onOffer = ({ run, fence }) => runner.say({ type: "accepted", run, fence });
      expect((await dispatch("run_a", 5)).status).toBe(200);
      expect(await dispatch("run_a", 4)).toMatchObject({ status: 409, body: { error: { code: "stale_fence" } } });
      expect(liveOf(stack.app.services).staleFences).toBe(1);
      const unsigned = await fetch(`${stack.internalUrl}/internal/dispatch`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request("run_a", 6)),
      });
      expect(unsigned.status).toBe(401);
    });

    it("takes back a runner that connects again with what it runs", async () => {
      const before = await stack.puppet("rn_1", 2);
      const after = await stack.puppet("rn_1", 2, ["run_x", "run_y"]);
      await before.closed;
      expect(liveOf(stack.app.services).runners.list()).toMatchObject([{ runner: "rn_1", running: ["run_x", "run_y"] }]);
      expect((await dispatch("run_a", 1)).status).toBe(503);
      after.say({ type: "finished", run: "run_x", fence: 7 });
      after.onOffer = ({ run, fence }) => after.say({ type: "accepted", run, fence });
      await vi.waitUntil(async () => (await dispatch("run_a", 1)).status === 200);
    });
  });

  describe("a run's token", () => {
    const execute = (run: string, token: string) =>
      stack.internal(
        `/internal/runs/${run}/execute`,
        { approval: "ap_none", digest: "0".repeat(64) },
        { authorization: `Bearer ${token}` },
      );

    it("is good for its run until a newer fence is raised", async () => {
      const runner = await stack.puppet("rn_1", 4);
      runner.onOffer = ({ run, fence }) => runner.say({ type: "accepted", run, fence });
      await dispatch("run_a", 1);
      const token = runner.offers[0]?.token ?? "";
      // The room knows no such approval: the token was good enough to be asked.
      expect(await execute("run_a", token)).toMatchObject({ status: 404 });
      expect((await execute("run_b", token)).status).toBe(401);
      expect((await execute("run_a", `${token}x`)).status).toBe(401);
      await dispatch("run_a", 2);
      expect(await execute("run_a", token)).toMatchObject({ status: 409, body: { error: { code: "stale_fence" } } });
      const newer = runner.offers[1]?.token ?? "";
      expect((await execute("run_a", newer)).status).toBe(404);
    });
  });

  describe("a dead runner", () => {
    it("loses its leases in the rooms at once, and the run goes to another", async () => {
      const first = await stack.puppet("rn_first", 1);
      first.onOffer = ({ run, fence }) => first.say({ type: "accepted", run, fence });
      const woken = await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt: "Tidy up" } });
      const run = text(woken.body, "runId");
      const lost = await claim("rn_first", await vi.waitUntil(() => first.offers[0]));
      const second = await stack.puppet("rn_second", 1);
      second.onOffer = ({ run: offered, fence }) => second.say({ type: "accepted", run: offered, fence });
      expect(await stack.internal("/internal/runners/gone", { runner: "rn_first" })).toMatchObject({
        status: 200,
        body: { rooms: 1 },
      });
      await first.closed;
      await vi.waitUntil(() => second.offers.length === 1);
      expect(second.offers[0]?.run).toBe(run);
      expect(second.offers[0]?.fence).toBeGreaterThan(first.offers[0]?.fence ?? 0);
      lost.terminate();
    });

    it("of whom nothing is known is answered calmly", async () => {
      expect(await stack.internal("/internal/runners/gone", { runner: "rn_never" })).toMatchObject({
        status: 200,
        body: { rooms: 0 },
      });
    });
  });

  describe("when rooms are killed", () => {
    it("says so, reads from the archive, and loses and doubles nothing", async () => {
      const { body } = await ana.call("POST", `${path}/sessions`, { body: { agentId: agent } });
      const talk = `${path}/sessions/${text(body, "id")}`;
      await ana.call("POST", `${talk}/take-over`);
      await ana.call("POST", `${talk}/messages`, { body: { text: "before" } });
      await vi.waitUntil(async () => (await rows("SELECT 1 FROM messages")).length === 1);
      await stack.killRooms();
      expect(await ana.call("GET", `${talk}/messages`)).toMatchObject({
        status: 200,
        body: { stale: true, items: [{ text: "before" }] },
      });
      expect(await ana.call("GET", `${path}/approvals?state=pending`)).toMatchObject({ status: 200, body: { stale: true } });
      expect(await ana.call("GET", `${path}/questions`)).toMatchObject({ status: 200, body: { items: [], stale: true } });
      // Sent while nobody is there: it waits on the link and is answered when the rooms are back.
      const headers = { "idempotency-key": newId("cmd") };
      const waiting = ana.call("POST", `${talk}/messages`, { body: { text: "during" }, headers });
      await stack.startRooms();
      expect(await waiting).toMatchObject({ status: 201, body: { text: "during" } });
      expect(await ana.call("POST", `${talk}/messages`, { body: { text: "during" }, headers })).toMatchObject({ status: 201 });
      const list = itemsOf((await ana.call("GET", `${talk}/messages`)).body);
      expect(list).toMatchObject([{ text: "during" }, { text: "before" }]);
    });

    it("keeps records for them and delivers each once they are back", async () => {
      await stack.killRooms();
      const created = await ana.call("POST", `${path}/agents`, { body: { name: "Later" } });
      expect(created.status).toBe(201);
      expect((await rows("SELECT 1 FROM outbox")).length).toBeGreaterThan(0);
      await stack.startRooms();
      const later = text(created.body, "id");
      expect((await ana.call("POST", `${path}/agents/${later}/wake`, { body: { prompt: "x" } })).status).toBe(202);
      await vi.waitUntil(async () => (await rows("SELECT 1 FROM outbox")).length === 0);
    });
  });

  describe("a full disk", () => {
    it("is told to rooms as 507, and what waited is archived once there is space", async () => {
      free = 0;
      await stack.app.services.disk.check();
      const post = { party: "agent", room: agent, company, epoch: "e", events: [], refs: [] };
      expect(await stack.internal("/internal/archive", post)).toMatchObject({
        status: 507,
        body: { error: { code: "storage_full" } },
      });
      expect((await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt: "x" } })).status).toBe(507);
      free = Number.MAX_SAFE_INTEGER;
      await stack.app.services.disk.check();
      expect(await stack.internal("/internal/archive", post)).toMatchObject({ status: 200 });
      expect((await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt: "x" } })).status).toBe(202);
      await vi.waitUntil(async () => (await rows("SELECT 1 FROM runs")).length === 1);
    });

    it("is not the reason when a company is gone or the body is no post", async () => {
      const post = { party: "agent", room: agent, company: "co_gone", epoch: "e", events: [], refs: [] };
      expect(await stack.internal("/internal/archive", post)).toMatchObject({ status: 410, body: { error: { code: "gone" } } });
      expect((await stack.internal("/internal/archive", { party: "agent" })).status).toBe(400);
    });
  });

  it("closes the public port, ends streams and keeps answering inside", async () => {
    const woken = await ana.call("POST", `${path}/agents/${agent}/wake`, { body: { prompt: "x" } });
    const stream = await fetch(`${stack.url}${path}/runs/${text(woken.body, "runId")}/events`, {
      headers: { cookie: ana.cookie, accept: "text/event-stream" },
    });
    await stack.watch(ana, "agent", agent);
    expect(await stack.internal("/internal/state")).toMatchObject({ status: 200, body: { viewers: 1, runners: [] } });
    expect(await stack.internal("/internal/close-public", {})).toMatchObject({ status: 200, body: { viewers: 1 } });
    await stream.text().catch(() => undefined);
    await vi.waitUntil(() =>
      fetch(`${stack.url}/healthz`).then(
        () => false,
        () => true,
      ),
    );
    expect((await stack.internal("/internal/state")).status).toBe(200);
  });
});
