/** A night: an ask in the evening, every process killed, a decision in the morning; the real rooms under a clock of ours. */
import { expect, it } from "vitest";
import type { AgentState } from "../../party/protocol/agent.ts";
import type { CompanyState } from "../../party/protocol/company.ts";
import { Api } from "./api.ts";
import { Kernel } from "./kernel.ts";
import { Oracle } from "./oracle.ts";
import { RoomsProcess } from "./rooms.ts";
import { Runner, type World } from "./runner.ts";
import { AGENT, COMPANY, setUp } from "./simulate.ts";
import { type Person, Viewer } from "./viewer.ts";

const MINUTE_MS = 60_000;
/** ms of elapsed time; a simulation begins at midnight */
const at = (day: number, hours: number, minutes: number): number => ((day * 24 + hours) * 60 + minutes) * MINUTE_MS;

/** Lets time pass; alone the kernel goes from one thing that happens to the next, and stops at the last. */
async function passTo(kernel: Kernel, elapsed: number): Promise<void> {
  let there = false;
  kernel.after(elapsed - kernel.elapsed, () => {
    there = true;
  });
  await kernel.run(elapsed, () => there);
}

it("asked at 23:40, everything killed at 02:00, allowed at 07:10: the run goes on from there, and once", async () => {
  const kernel = new Kernel(7);
  const oracle = new Oracle();
  const rooms = new RoomsProcess(kernel);
  const api = new Api(kernel, rooms, oracle);
  const world: World = { kernel, rooms, api, oracle, company: COMPANY };
  const first = new Runner("rn_1", world);
  const ana: Person = { id: "u_ana", name: "Ana", role: "owner", rights: 1 };
  setUp(api, [ana], 1);
  const desk = new Viewer(kernel, rooms, oracle, ana, "agent", AGENT);
  const needs = new Viewer(kernel, rooms, oracle, ana, "company", COMPANY);
  const approval = () => Object.values((needs.state as CompanyState).approvals)[0];
  const run = () => Object.values((desk.state as AgentState).runs)[0];

  await passTo(kernel, at(0, 23, 40));
  desk.command({ type: "run.wake", prompt: "steps:tpt" });
  await kernel.run(at(0, 23, 45), () => approval()?.state === "pending" && run()?.state === "waiting");
  expect([approval()?.state, run()?.state]).toEqual(["pending", "waiting"]);
  expect(first.busy, "the run holds no slot while it waits").toBe(0);

  await passTo(kernel, at(1, 2, 0));
  rooms.kill();
  api.kill();
  first.kill();
  new Runner("rn_2", world);
  await passTo(kernel, at(1, 7, 10));
  expect(approval()).toMatchObject({ state: "pending", reminded: { times: 1 } });
  expect(Date.parse(approval()?.reminded?.at ?? "") - Date.parse(approval()?.createdAt ?? "")).toBe(4 * 60 * MINUTE_MS);

  const { id, version, digest } = approval() ?? { id: "", version: 0, digest: "" };
  const phone = new Viewer(kernel, rooms, oracle, ana, "company", COMPANY);
  phone.command({ type: "approval.decide", approval: id, version, digest, decision: "allow" });
  await kernel.run(at(1, 7, 15), () => run()?.state === "ended" && approval()?.state === "executed");
  expect(new Date(Date.parse(approval()?.votes[0]?.at ?? "")).toISOString()).toMatch(/^2026-01-02T07:10:/);
  expect(run()).toMatchObject({ state: "ended", outcome: "done" });
  expect(approval()).toMatchObject({ state: "executed", votes: [{ by: { id: ana.id } }] });
  expect(oracle.effects).toBe(1);
  expect([...oracle.failures, ...rooms.failures]).toEqual([]);
});
