import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { remindersOf } from "./reminders.ts";
import { ANA, CompanyPlay } from "./testing/company.ts";

const HOUR_MS = 3_600_000;
const inHours = (play: CompanyPlay, hours: number) => new Date(play.now + hours * HOUR_MS).toISOString();

/** Hours after the ask at which it was said again. */
function remindedAfter(play: CompanyPlay, asked: number): number[] {
  return play.ofType("approval.reminded").map(({ at }) => (Date.parse(at) - asked) / HOUR_MS);
}

describe("what waits", () => {
  it("is said again after 4, 24 and 72 hours, and an hour before it expires", () => {
    const play = new CompanyPlay();
    const asked = play.now;
    play.ask({ expiresAt: new Date(asked + LIMITS.approvalParkMs).toISOString() });
    play.wait(LIMITS.approvalParkMs + HOUR_MS);
    expect(remindedAfter(play, asked)).toEqual([4, 24, 72, 7 * 24 - 1]);
    expect(play.approval("ap_1")).toMatchObject({ state: "expired", reminded: { times: 4 } });
  });

  it("is said once for all that was missed while the room was down", () => {
    const play = new CompanyPlay();
    const asked = play.now;
    play.ask({ expiresAt: inHours(play, 24 * 7) });
    play.now += 30 * HOUR_MS;
    play.restart();
    expect(remindedAfter(play, asked)).toEqual([30]);
    expect(play.approval("ap_1").reminded).toMatchObject({ times: 2 });
    play.wait(60 * HOUR_MS);
    expect(remindedAfter(play, asked)).toEqual([30, 72]);
  });

  it("is not said again when it is settled, and not at all when it lives for minutes", () => {
    const play = new CompanyPlay();
    play.decide(ANA, play.ask({ expiresAt: inHours(play, 48) }), "allow");
    play.ask({ approval: "ap_2", expiresAt: new Date(play.now + LIMITS.approvalShortMs).toISOString() });
    play.wait(48 * HOUR_MS);
    expect(play.ofType("approval.reminded")).toEqual([]);
  });

  it("holds for questions too, which do not expire", () => {
    const play = new CompanyPlay();
    const question = { id: "q_1", agent: "ag_1", agentName: "Guide", run: "run_1", runTitle: "Tidy", text: "Warm?", options: [] };
    play.deliver({ kind: "question.ask", question });
    play.wait(200 * HOUR_MS);
    expect(play.ofType("question.reminded").map(({ times }) => times)).toEqual([1, 2, 3]);
    expect(play.state.questions.q_1?.reminded?.times).toBe(3);
  });

  it("asked at 23:40 and allowed at 07:10 was said again once, and goes on from there", () => {
    const play = new CompanyPlay();
    play.now = Date.UTC(2026, 0, 1, 23, 40);
    const id = play.ask({ expiresAt: inHours(play, 24 * 7) });
    play.wait(7.5 * HOUR_MS);
    expect(new Date(play.now).toISOString()).toBe("2026-01-02T07:10:00.000Z");
    expect(play.decide(ANA, id, "allow")).toBeUndefined();
    expect(play.ofType("approval.reminded")).toMatchObject([{ at: "2026-01-02T03:40:00.000Z", times: 1 }]);
    expect(play.said("approval.decided")).toMatchObject([{ approval: id, decision: "allow" }]);
    expect(play.execute(id)).toEqual({ granted: true });
  });
});

it("reminders are bounded, in order, and inside the life of what they are about", () => {
  const createdAt = "2026-01-01T00:00:00.000Z";
  for (const hours of [0.25, 1, 2, 5, 25, 73, 168]) {
    const expiresAt = new Date(Date.parse(createdAt) + hours * HOUR_MS).toISOString();
    const times = remindersOf({ createdAt, expiresAt });
    expect(times.length).toBeLessThanOrEqual(LIMITS.remindAfterMs.length + 1);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const at of times) expect(at > Date.parse(createdAt) && at < Date.parse(expiresAt)).toBe(true);
  }
});
