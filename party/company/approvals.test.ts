import { describe, expect, it } from "vitest";
import { argumentsDigest } from "../protocol/digest.ts";
import { ANA, BEN, CompanyPlay, OLGA, OSKAR } from "./testing/company.ts";

const OTHER = '{"command":"rm -rf /"}';

describe("deciding", () => {
  it("lets the first valid decision win and tells the others who it was", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    expect(play.decide(ANA, id, "allow", { note: "Go" })).toBeUndefined();
    expect(play.last?.result).toEqual({ state: "allowed" });
    expect(play.decide(OSKAR, id, "deny")).toMatchObject({
      code: "already_decided",
      winner: { by: { id: ANA.id, name: "Ana" }, decision: "allow", note: "Go" },
    });
    expect(play.ofType("approval.decided")).toHaveLength(1);
    expect(play.said("approval.decided")).toMatchObject([{ approval: id, run: "run_1", call: "call_1", decision: "allow" }]);
  });

  it("answers the same person the same again, and changes nothing", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    play.decide(ANA, id, "allow");
    const events = play.events.length;
    expect(play.decide(ANA, id, "allow")).toBeUndefined();
    expect(play.last?.result).toEqual({ state: "allowed" });
    expect(play.decide(ANA, id, "deny")).toMatchObject({ code: "already_decided" });
    expect(play.events).toHaveLength(events);
  });

  it.each([
    ["a member", BEN],
    ["a stranger", { ...ANA, id: "u_stranger" }],
    ["an agent", { ...ANA, kind: "agent" as const }],
    ["an operator whose ticket says member", { ...ANA, role: "member" as const }],
    ["a member whose ticket says owner", { ...BEN, role: "owner" as const }],
  ])("is refused for %s", (_who, actor) => {
    const play = new CompanyPlay();
    expect(play.decide(actor, play.ask(), "allow")).toMatchObject({ code: "forbidden" });
    expect(play.approval("ap_1").state).toBe("pending");
  });

  it("needs an admin where money or deletion is at stake", () => {
    for (const risk of ["spend", "destroy"] as const) {
      const play = new CompanyPlay();
      const id = play.ask({ risk });
      expect(play.decide(ANA, id, "allow")).toMatchObject({ code: "forbidden", message: expect.stringContaining("admin") });
      expect(play.decide(OLGA, id, "allow")).toBeUndefined();
    }
  });

  it("is refused for another version or other arguments than those seen", () => {
    const play = new CompanyPlay();
    const id = play.ask({ need: 2 });
    expect(play.decide(ANA, id, "allow", { version: 2 })).toMatchObject({ code: "stale_arguments" });
    expect(play.decide(ANA, id, "allow", { digest: "0".repeat(64) })).toMatchObject({ code: "stale_arguments" });
    const { version, digest } = play.approval(id);
    play.decide(OSKAR, id, "edit", { input: OTHER });
    expect(play.decide(ANA, id, "allow", { version, digest })).toMatchObject({ code: "stale_arguments" });
  });

  it("counts a quorum of different people; one deny ends it", () => {
    const play = new CompanyPlay();
    const id = play.ask({ need: 2 });
    play.decide(ANA, id, "allow");
    play.decide(ANA, id, "allow");
    expect(play.approval(id).state).toBe("pending");
    play.decide(OSKAR, id, "allow");
    expect(play.approval(id)).toMatchObject({ state: "allowed", votes: [{ by: { id: ANA.id } }, { by: { id: OSKAR.id } }] });

    const denied = play.ask({ approval: "ap_2", need: 2 });
    play.decide(ANA, denied, "allow");
    play.decide(OSKAR, denied, "deny");
    expect(play.approval(denied).state).toBe("denied");
  });

  it("never decides on what is shown under a digest of something else", () => {
    const play = new CompanyPlay();
    const id = play.ask({ digest: argumentsDigest("shell", OTHER, "/workspace") });
    expect(play.approval(id).state).toBe("superseded");
    expect(play.decide(OLGA, id, "allow")).toMatchObject({ code: "conflict" });
  });

  it("takes an ask once, however often it is delivered", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    play.decide(ANA, id, "deny");
    play.ask();
    expect(play.approval(id).state).toBe("denied");
    expect(play.ofType("approval.asked")).toHaveLength(1);
  });
});

describe("changing the arguments", () => {
  it("is a decision by itself, and the agent gets the new arguments with their digest", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    play.decide(ANA, id, "edit", { input: '{ "command": "ls -l" }' });
    const input = '{"command":"ls -l"}';
    const digest = argumentsDigest("shell", input, "/workspace");
    expect(play.approval(id)).toMatchObject({ state: "edited", version: 2, digest, editedBy: { id: ANA.id } });
    expect(play.said("approval.decided")).toMatchObject([{ decision: "edit", input, digest }]);
    expect(play.execute(id, 1, argumentsDigest("shell", '{"command":"ls"}', "/workspace"))).toMatchObject({
      code: "stale_arguments",
    });
    expect(play.execute(id, 1, digest)).toEqual({ granted: true });
  });

  it("makes earlier votes fall, and whoever completes the quorum sends the arguments along, however long", () => {
    const play = new CompanyPlay();
    const id = play.ask({ need: 2 });
    play.decide(ANA, id, "allow");
    const input = JSON.stringify({ command: "x".repeat(40_000) });
    play.decide(OSKAR, id, "edit", { input });
    expect(play.approval(id)).toMatchObject({ state: "pending", votes: [{ by: { id: OSKAR.id }, decision: "edit" }] });
    play.decide(OLGA, id, "allow");
    expect(play.said("approval.decided")).toMatchObject([{ decision: "edit", input }]);
    expect(play.priv.main.edits).toEqual({});
  });

  it("is refused without arguments, or with what is not JSON", () => {
    const play = new CompanyPlay();
    const id = play.ask();
    expect(play.decide(ANA, id, "edit")).toMatchObject({ code: "invalid" });
    expect(play.decide(ANA, id, "edit", { input: "ls -l" })).toMatchObject({ code: "invalid" });
    expect(play.approval(id).version).toBe(1);
  });
});

describe("four eyes", () => {
  it("do not let the person whose wake it was allow, nor the one who wrote the arguments; both may deny", () => {
    const play = new CompanyPlay({ fourEyes: true });
    const own = play.ask({ cause: ANA });
    expect(play.decide(ANA, own, "allow")).toMatchObject({ code: "four_eyes" });
    expect(play.decide(ANA, own, "edit", { input: OTHER })).toMatchObject({ code: "four_eyes" });
    play.decide(OSKAR, own, "edit", { input: OTHER });
    expect(play.approval(own)).toMatchObject({ state: "pending", votes: [] });
    expect(play.decide(OSKAR, own, "allow")).toMatchObject({ code: "four_eyes" });
    play.decide(OLGA, own, "allow");
    expect(play.said("approval.decided")).toMatchObject([{ decision: "edit", input: OTHER, by: [{ by: { id: OLGA.id } }] }]);
    const denied = play.ask({ approval: "ap_2", cause: ANA });
    expect(play.decide(ANA, denied, "deny")).toBeUndefined();
  });

  it("are off by default: a lone owner can work", () => {
    const play = new CompanyPlay();
    expect(play.decide(OLGA, play.ask({ cause: OLGA }), "allow")).toBeUndefined();
  });
});

describe("the time an ask has", () => {
  it("ends in a no, told to the agent; a later press is not a decision", () => {
    const play = new CompanyPlay();
    const id = play.ask({ expiresAt: new Date(play.now + 1_000).toISOString() });
    play.now += 1_000;
    expect(play.decide(ANA, id, "allow")).toMatchObject({ code: "expired" });
    play.wait(1);
    expect(play.approval(id).state).toBe("expired");
    expect(play.said("approval.decided")).toMatchObject([{ decision: "expired", by: [] }]);
    const refused = play.decide(ANA, id, "allow");
    expect(refused).toMatchObject({ code: "conflict" });
    expect(refused?.winner).toBeUndefined();
  });

  it("is over while the room slept: it says so when it wakes", () => {
    const play = new CompanyPlay();
    const id = play.ask({ expiresAt: new Date(play.now + 1_000).toISOString() });
    play.now += 2_000;
    play.restart();
    expect(play.approval(id).state).toBe("expired");
  });
});

describe("carrying out", () => {
  const allowed = (): CompanyPlay => {
    const play = new CompanyPlay();
    play.decide(ANA, play.ask(), "allow");
    return play;
  };

  it("is granted once, and the same to the same runner that lost the answer", () => {
    const play = allowed();
    expect(play.execute("ap_1")).toEqual({ granted: true });
    expect(play.execute("ap_1")).toEqual({ granted: true });
    play.executed("ap_1");
    expect(play.approval("ap_1").state).toBe("executed");
    expect(play.execute("ap_1")).toMatchObject({ ok: false, code: "executed" });
    expect(play.ofType("approval.state").map(({ state }) => state)).toEqual(["executing", "executed"]);
  });

  it("is refused before a decision, after a no, and for another run", () => {
    const play = new CompanyPlay();
    play.ask();
    expect(play.execute("ap_1")).toMatchObject({ code: "pending" });
    play.decide(ANA, "ap_1", "deny");
    expect(play.execute("ap_1")).toMatchObject({ code: "denied" });
    expect(allowed().execute("ap_1", 1, undefined, "run_2")).toMatchObject({ code: "not_found" });
  });

  it("is revoked when those who allowed it may not any more", () => {
    const play = allowed();
    play.member({ ...ANA, role: "member", rights: 2 });
    expect(play.execute("ap_1")).toEqual({ granted: false, code: "revoked" });
    expect(play.approval("ap_1").state).toBe("revoked");
    play.member({ ...ANA, rights: 3 });
    expect(play.execute("ap_1")).toMatchObject({ ok: false, code: "revoked" });
  });

  it("is refused when it was allowed, but not begun in time", () => {
    const play = allowed();
    play.now += 3_600_000;
    expect(play.execute("ap_1")).toEqual({ granted: false, code: "expired" });
    expect(play.execute("ap_1")).toMatchObject({ ok: false });
  });

  it("is unknown when its runner died in the middle: whoever asks next may not do it again", () => {
    const play = allowed();
    play.execute("ap_1", 1);
    play.deliver({ kind: "approval.lost", run: "run_1", below: 2 });
    expect(play.approval("ap_1").state).toBe("unknown");
    expect(play.execute("ap_1", 2)).toMatchObject({ ok: false, code: "unknown" });
    play.executed("ap_1", 1);
    expect(play.approval("ap_1").state).toBe("unknown");
  });

  it("is unknown for a newer fence also before the room heard of the loss", () => {
    const play = allowed();
    play.execute("ap_1", 1);
    expect(play.execute("ap_1", 2)).toEqual({ granted: false, code: "unknown" });
    expect(play.approval("ap_1").state).toBe("unknown");
  });

  it("is refused to a fence whose lease is gone, and granted to the next", () => {
    const play = allowed();
    play.deliver({ kind: "approval.lost", run: "run_1", below: 2 });
    expect(play.execute("ap_1", 1)).toMatchObject({ code: "fenced" });
    expect(play.execute("ap_1", 2)).toEqual({ granted: true });
  });

  it("ends with its run: what was under way is unknown, what had not begun is cancelled", () => {
    const play = allowed();
    play.execute("ap_1");
    play.ask({ approval: "ap_2" });
    play.decide(ANA, play.ask({ approval: "ap_3" }), "allow");
    play.deliver({ kind: "approval.cancel", run: "run_1", why: "The run ended" });
    expect(["ap_1", "ap_2", "ap_3"].map((id) => play.approval(id).state)).toEqual(["unknown", "cancelled", "cancelled"]);
    expect(play.execute("ap_3")).toMatchObject({ code: "cancelled" });
    expect(play.decide(ANA, "ap_2", "allow")).toMatchObject({ code: "conflict" });
  });
});
