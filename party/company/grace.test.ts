import { describe, expect, it } from "vitest";
import { ANA, CompanyPlay, OSKAR } from "./testing/company.ts";

const GRACE_MS = 5_000;

describe("a decision with a grace", () => {
  it("is seen by everyone, and counts when the grace is over", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    expect(play.decide(ANA, id, "allow", { graceMs: GRACE_MS, note: "Go" })).toBeUndefined();
    const until = new Date(play.now + GRACE_MS).toISOString();
    expect(play.last?.result).toEqual({ state: "pending", heldUntil: until });
    expect(play.approval(id).held).toMatchObject({ by: { id: ANA.id }, decision: "allow", until });
    expect(play.execute(id)).toMatchObject({ code: "pending" });
    play.wait(GRACE_MS);
    expect(play.approval(id)).toMatchObject({ state: "allowed", votes: [{ by: { id: ANA.id }, note: "Go" }] });
    expect(play.approval(id).held).toBeUndefined();
    expect(play.priv.main.held).toEqual({});
  });

  it("counts although the room was down when it was over", () => {
    const play = new CompanyPlay();
    play.decide(ANA, play.ask(), "deny", { graceMs: GRACE_MS });
    play.now += 60_000;
    play.restart();
    expect(play.approval("ap_1").state).toBe("denied");
  });

  it("is taken back by whoever made it, and by nobody else", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    play.decide(ANA, id, "deny", { graceMs: GRACE_MS });
    expect(play.command(OSKAR, { type: "approval.withdraw", approval: id })).toMatchObject({ code: "forbidden" });
    expect(play.command(ANA, { type: "approval.withdraw", approval: id })).toBeUndefined();
    play.wait(2 * GRACE_MS);
    expect(play.approval(id)).toMatchObject({ state: "pending", votes: [] });
    expect(play.command(ANA, { type: "approval.withdraw", approval: id })).toMatchObject({ code: "conflict" });
    play.decide(ANA, id, "allow");
    expect(play.command(ANA, { type: "approval.withdraw", approval: id })).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Too late"),
    });
  });

  it("does not stand in the way of one that counts at once, and yields to it", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    play.decide(ANA, id, "allow", { graceMs: GRACE_MS });
    expect(play.decide(OSKAR, id, "allow", { graceMs: GRACE_MS })).toMatchObject({ code: "held" });
    expect(play.decide(OSKAR, id, "deny")).toBeUndefined();
    play.wait(GRACE_MS);
    expect(play.ofType("approval.decided")).toMatchObject([{ decision: "deny", by: [{ by: { id: OSKAR.id } }] }]);
    expect(play.priv.main.held).toEqual({});
  });

  it("is dropped with a reason when it may not be made any more", () => {
    const play = new CompanyPlay();
    play.decide(ANA, play.ask(), "allow", { graceMs: GRACE_MS });
    play.member({ ...ANA, role: "member", rights: 2 });
    play.wait(GRACE_MS);
    expect(play.approval("ap_1")).toMatchObject({ state: "pending", votes: [] });
    expect(play.ofType("approval.withdrawn")).toMatchObject([
      { by: { kind: "system" }, why: expect.stringContaining("operator") },
    ]);
  });

  it("is dropped when the call was changed meanwhile, or its run ended", () => {
    const play = new CompanyPlay();
    const changed = play.ask({ need: 2 });
    play.decide(ANA, changed, "allow", { graceMs: GRACE_MS });
    play.decide(OSKAR, changed, "edit", { input: '{"command":"ls -l"}' });
    const ended = play.ask({ approval: "ap_2", run: "run_2" });
    play.decide(ANA, ended, "allow", { graceMs: GRACE_MS });
    play.deliver({ kind: "approval.cancel", run: "run_2", why: "The run ended" });
    play.wait(GRACE_MS);
    expect(play.approval(changed)).toMatchObject({ state: "pending", votes: [{ by: { id: OSKAR.id } }] });
    expect(play.approval(ended).state).toBe("cancelled");
    expect(play.priv.main.held).toEqual({});
  });

  it("carries its new arguments and what it remembers along", () => {
    const play = new CompanyPlay();
    const remember = { pattern: { command: { kind: "words" as const, words: ["ls"] } }, scope: "run" as const };
    play.decide(ANA, play.ask(), "allow", { graceMs: GRACE_MS, remember });
    expect(play.state.patterns).toEqual({});
    play.decide(ANA, play.ask({ approval: "ap_2", tool: "write_file", run: "run_2" }), "edit", {
      graceMs: GRACE_MS,
      input: '{"path":"b"}',
    });
    play.wait(GRACE_MS);
    expect(Object.values(play.state.patterns)).toMatchObject([{ tool: "shell", uses: 0 }]);
    expect(play.approval("ap_2")).toMatchObject({ state: "edited", input: '{"path":"b"}' });
  });

  it("is checked like any other before it is kept", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    expect(play.decide(ANA, id, "allow", { graceMs: GRACE_MS, version: 2 })).toMatchObject({ code: "stale_arguments" });
    expect(play.decide(ANA, id, "edit", { graceMs: GRACE_MS, input: "no json" })).toMatchObject({ code: "invalid" });
    expect(play.decide(ANA, id, "allow", { graceMs: 600_000 })).toMatchObject({ code: "invalid" });
    expect(play.approval(id).held).toBeUndefined();
  });
});
