/** Consent in the real rooms: what is remembered and what is held survives a kill, and ends when it should. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompanyState } from "../../party/protocol/company.ts";
import { argumentsDigest, canonicalJson } from "../../party/protocol/digest.ts";
import { newId } from "../../party/protocol/ids.ts";
import { Feeder } from "./harness/feeder.ts";
import { type Rooms, startRooms } from "./harness/rooms.ts";
import { ANA, type Viewer } from "./harness/viewer.ts";
import { ENDED, World } from "./harness/world.ts";

const CWD = "/workspace";
const HOUR_MS = 3_600_000;
const npm = { command: { kind: "words", words: ["npm"] } };

/** A run's call that wants consent. @returns the approval and what a decision on it names */
async function ask(world: World, feeder: Feeder, run: string, command: string) {
  const approval = newId("ap");
  const call = newId("call");
  const input = canonicalJson({ command });
  const digest = argumentsDigest("shell", input, CWD);
  const expiresAt = new Date(Date.now() + 7 * 24 * HOUR_MS).toISOString();
  const question = "Run this command?";
  await feeder.commit(
    [
      { type: "tool.called", call, name: "shell", origin: "native", input, policy: "ask", risk: "write" },
      { type: "approval.asked", approval, call, digest, risk: "write", quorum: { need: 1 }, expiresAt, question },
    ],
    {
      asks: [
        {
          ...{ approval, agent: world.agent, agentName: "Guide", run, runTitle: "Tidy up", call, tool: "shell", input, digest },
          ...{ risk: "write", question, cwd: CWD, cause: null, need: 1, expiresAt },
        },
      ],
    },
  );
  return { approval, decide: { type: "approval.decide", approval, version: 1, digest, decision: "allow" } };
}

const stateOf = (viewer: Viewer) => viewer.snapshot<CompanyState>().state;

describe("consent in the rooms", () => {
  let rooms: Rooms;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms?.remove());

  it("remembers a pattern over a kill, uses it without asking, and tells the agent's room", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    const viewer = await world.view("company", { who: ANA });
    const first = await ask(world, feeder, dispatch.run, "npm test");
    await viewer.event("approval.asked");
    expect((await viewer.command({ ...first.decide, remember: { pattern: npm, days: 7 } })).type).toBe("ack");
    await viewer.leave();
    await rooms.restart();

    const again = await reclaim(world, dispatch);
    const seen = await world.view("company", { who: ANA });
    expect(Object.values(stateOf(seen).patterns)).toMatchObject([{ by: { id: ANA.id }, tool: "shell", uses: 0 }]);
    const covered = await ask(world, again, dispatch.run, "npm run build");
    await seen.event("pattern.used", (event) => event.approval === covered.approval);
    const decided = await seen.event("approval.decided", (event) => event.approval === covered.approval);
    expect(decided).toMatchObject({ decision: "allow", by: [{ by: { id: ANA.id }, note: expect.stringContaining("npm *") }] });
    const asked = await ask(world, again, dispatch.run, "npm test && rm -rf .");
    const open = await seen.event("approval.asked", (event) => JSON.stringify(event).includes(asked.approval));
    expect(open.approval).toMatchObject({ state: "pending" });
    await seen.leave();
  });

  it("forgets what was remembered for a run when the run ends", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    const viewer = await world.view("company", { who: ANA });
    const first = await ask(world, feeder, dispatch.run, "npm test");
    await viewer.event("approval.asked");
    await viewer.command({ ...first.decide, remember: { pattern: npm, scope: "run" } });
    await feeder.commit([ENDED], { release: "end" });
    await viewer.event("pattern.ended", (event) => event.why === "run_ended");
    const next = await world.run("Once more");
    const second = await ask(world, next.feeder, next.dispatch.run, "npm test");
    const event = await viewer.event("approval.asked", (one) => JSON.stringify(one).includes(second.approval));
    expect(event.approval).toMatchObject({ state: "pending" });
    expect(viewer.events.some((one) => one.type === "approval.decided" && one.approval === second.approval)).toBe(false);
    await viewer.leave();
  });

  it("carries out a held decision after a kill in its grace", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    const viewer = await world.view("company", { who: ANA });
    const { approval, decide } = await ask(world, feeder, dispatch.run, "echo held");
    await viewer.event("approval.asked");
    const ack = await viewer.command({ ...decide, graceMs: 1_500 });
    expect(ack).toMatchObject({ type: "ack" });
    await viewer.event("approval.held", (event) => event.approval === approval);
    await viewer.leave();
    await rooms.restart();
    const after = await world.view("company", { who: ANA });
    const known = stateOf(after).approvals[approval];
    if (known?.state === "pending") await after.event("approval.decided", (event) => event.approval === approval);
    await after.leave();
    const last = await world.view("company", { who: ANA });
    expect(stateOf(last).approvals[approval]).toMatchObject({ state: "allowed", votes: [{ by: { id: ANA.id } }] });
    await last.leave();
  });

  it("refuses a pattern that could run anything, and one that does not fit the call", async () => {
    const world = await World.create(rooms);
    const { feeder, dispatch } = await world.run();
    const viewer = await world.view("company", { who: ANA });
    const { decide } = await ask(world, feeder, dispatch.run, "env npm test");
    await viewer.event("approval.asked");
    for (const words of [["env"], ["npm"]]) {
      const remember = { pattern: { command: { kind: "words", words } }, scope: "run" };
      expect(await viewer.command({ ...decide, remember })).toMatchObject({ type: "nack", code: "invalid" });
    }
    for (const remember of [
      { pattern: {}, days: 1 },
      { pattern: npm, days: 91 },
      { pattern: npm, days: 1, scope: "run" },
      "always",
    ])
      expect((await viewer.command({ ...decide, remember })).type).toBe("nack");
    await viewer.leave();
  });
});

/** The run again, by the same runner: the kill broke its connection, not its lease. */
async function reclaim(world: World, dispatch: { run: string; fence: number }): Promise<Feeder> {
  const feeder = await Feeder.open(world.rooms, world.agent, dispatch.run, "rn_test", dispatch.fence);
  await feeder.claim();
  return feeder;
}
