import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Actor } from "../protocol/common.ts";
import type { CallPattern } from "../protocol/consent/schema.ts";
import { LIMITS } from "../protocol/limits.ts";
import { ANA, BEN, CompanyPlay, OLGA, OSKAR } from "./testing/company.ts";

const DAY_MS = 24 * 3_600_000;
const OTHER = '{"command":"rm -rf /"}';
const npm: CallPattern = { command: { kind: "words", words: ["npm"] } };
const command = (line: string): string => JSON.stringify({ command: line });

/** An ask of the shell. */
function run(play: CompanyPlay, approval: string, line: string, more: object = {}): string {
  return play.ask({ approval, input: command(line), ...more });
}

/** Someone allows `npm test` and remembers `npm *`. */
function npmFor(how: { scope: "run" } | { days: number }, by: Actor = ANA, play = new CompanyPlay()): CompanyPlay {
  expect(play.decide(by, run(play, "ap_1", "npm test"), "allow", { remember: { pattern: npm, ...how } })).toBeUndefined();
  return play;
}

const only = (play: CompanyPlay) => Object.values(play.state.patterns)[0];

describe("remembering for the run", () => {
  it("allows the same tool in the same run, and nothing else", () => {
    const play = new CompanyPlay();
    play.decide(ANA, play.ask(), "allow", { remember: "run" });
    expect(play.approval(play.ask({ approval: "ap_2", input: OTHER })).state).toBe("allowed");
    expect(play.approval("ap_2").votes).toMatchObject([{ by: { id: ANA.id }, note: expect.stringContaining("run") }]);
    for (const [approval, other] of Object.entries({
      ap_3: { tool: "write_file" },
      ap_4: { run: "run_2" },
      ap_5: { need: 2 },
      ap_6: { risk: "destroy" as const },
      ap_7: { everyTime: true },
      ap_8: { risk: "outward" as const },
    })) {
      expect(play.approval(play.ask({ approval, ...other })).state).toBe("pending");
    }
  });

  it("ends with the run, and with the rights of whoever gave it", () => {
    const play = new CompanyPlay();
    play.decide(ANA, play.ask(), "allow", { remember: "run" });
    play.member({ ...ANA, role: "member", rights: 2 });
    expect(play.approval(play.ask({ approval: "ap_2" })).state).toBe("pending");
    expect(play.ofType("pattern.ended")).toMatchObject([{ why: "rights" }]);
    play.member({ ...ANA, rights: 3 });
    expect(play.approval(play.ask({ approval: "ap_3" })).state).toBe("pending");
    play.decide(ANA, "ap_2", "allow", { remember: "run" });
    play.deliver({ kind: "approval.cancel", run: "run_1", why: "The run ended" });
    expect(play.state.patterns).toEqual({});
    expect(play.approval(play.ask({ approval: "ap_4" })).state).toBe("pending");
  });
});

describe("a pattern", () => {
  it("allows what it covers in its run, in the open; the next run asks", () => {
    const play = npmFor({ scope: "run" });
    expect(play.approval(run(play, "ap_2", "npm run build"))).toMatchObject({
      state: "allowed",
      pattern: only(play)?.id,
      votes: [{ by: { id: ANA.id }, decision: "allow", note: expect.stringContaining("npm *") }],
    });
    expect(play.said("approval.decided").at(-1)).toMatchObject({ approval: "ap_2", decision: "allow" });
    expect(only(play)).toMatchObject({ uses: 1, by: { id: ANA.id }, lastUsedAt: new Date(play.now).toISOString() });
    expect(play.state.activity.at(-1)?.text).toContain("as Ana had it remembered");
    expect(play.approval(run(play, "ap_3", "npm test; rm -rf x")).state).toBe("pending");
    expect(play.approval(run(play, "ap_4", "ls")).state).toBe("pending");
    expect(play.approval(run(play, "ap_5", "npm test", { run: "run_2" })).state).toBe("pending");
  });

  it("settles what the same turn asked beside it, unless someone has voted or decides on it", () => {
    const play = new CompanyPlay();
    for (const id of ["ap_1", "ap_2", "ap_3", "ap_4"]) run(play, id, `npm run ${id}`);
    play.decide(OSKAR, "ap_4", "deny", { graceMs: 5_000 });
    run(play, "ap_5", "ls");
    play.decide(ANA, "ap_1", "allow", { remember: { pattern: npm, scope: "run" } });
    expect(["ap_1", "ap_2", "ap_3", "ap_4", "ap_5"].map((id) => play.approval(id).state)).toEqual([
      "allowed",
      "allowed",
      "allowed",
      "pending",
      "pending",
    ]);
  });

  it("for days counts in other runs of the same agent, survives a restart, and ends by the room's clock", () => {
    const play = npmFor({ days: 2 });
    play.deliver({ kind: "approval.cancel", run: "run_1", why: "The run ended" });
    play.restart();
    expect(play.approval(run(play, "ap_2", "npm ci", { run: "run_2" })).state).toBe("allowed");
    expect(play.approval(run(play, "ap_3", "npm ci", { run: "run_3", agent: "ag_2" })).state).toBe("pending");
    play.wait(2 * DAY_MS);
    expect(play.ofType("pattern.ended")).toMatchObject([{ why: "expired", by: { kind: "system" } }]);
    expect(play.approval(run(play, "ap_4", "npm ci", { run: "run_4" })).state).toBe("pending");
  });

  it("does not count a moment longer, also when the clock that ends it is late", () => {
    const play = npmFor({ days: 1 });
    play.now += DAY_MS;
    expect(play.approval(run(play, "ap_2", "npm ci")).state).toBe("pending");
  });

  it("is revoked at once, by any operator", () => {
    const play = npmFor({ days: 9 });
    const id = only(play)?.id ?? "";
    expect(play.command(OSKAR, { type: "pattern.revoke", pattern: id })).toBeUndefined();
    play.restart();
    expect(play.approval(run(play, "ap_2", "npm ci")).state).toBe("pending");
    expect(play.ofType("pattern.ended")).toMatchObject([{ why: "revoked" }]);
    expect(play.command(OLGA, { type: "pattern.revoke", pattern: id })).toMatchObject({ code: "not_found" });
  });

  it("dies with the rights of its giver, and with its agent", () => {
    const removed = npmFor({ days: 9 });
    removed.record({ kind: "member.removed", id: ANA.id, name: "Ana", rights: 2, by: OLGA });
    const retired = npmFor({ days: 9 });
    retired.record({ kind: "agent.removed", agent: "ag_1" });
    for (const play of [removed, retired]) expect(play.state.patterns).toEqual({});
    expect(removed.approval(run(removed, "ap_2", "npm ci")).state).toBe("pending");
  });

  it("whose giver lost the right between the ask and the effect carries nothing out", () => {
    const play = npmFor({ days: 9 });
    run(play, "ap_2", "npm ci");
    play.member({ ...ANA, role: "member", rights: 2 });
    expect(play.execute("ap_2")).toEqual({ granted: false, code: "revoked" });
  });

  it.each([
    ["with a second person needed", { need: 2 }, {}],
    ["outside of a sandbox", { everyTime: true }, {}],
    ["for spending", { risk: "spend" as const }, {}],
    ["for destroying", { risk: "destroy" as const }, {}],
    ["for what is not classed", { risk: "unknown" as const }, {}],
    ["under four eyes", { cause: BEN }, { fourEyes: true }],
  ])("is not taken %s, and the ask is as it was", (_what, ask, config) => {
    const play = new CompanyPlay(config);
    const id = run(play, "ap_1", "npm test", ask);
    const remember = { pattern: npm, days: 1 };
    expect(play.decide(OLGA, id, "allow", { remember })).toMatchObject({ code: "invalid" });
    expect(play.approval(id)).toMatchObject({ state: "pending", votes: [] });
    expect(play.state.patterns).toEqual({});
  });

  it("is not taken for another call, for a wrapper, with a deny or an edit, or beyond its days", () => {
    const play = new CompanyPlay();
    const id = run(play, "ap_1", "ls");
    const refusal = (more: Parameters<CompanyPlay["decide"]>[3], decision: "allow" | "deny" | "edit" = "allow") =>
      play.decide(ANA, id, decision, more)?.code;
    expect(refusal({ remember: { pattern: npm, scope: "run" } })).toBe("invalid");
    expect(refusal({ remember: { pattern: npm, scope: "run" } }, "deny")).toBe("invalid");
    expect(refusal({ input: "{}", remember: { pattern: npm, scope: "run" } }, "edit")).toBe("invalid");
    expect(refusal({ remember: { pattern: npm, days: LIMITS.patternDays + 1 } })).toBe("invalid");
    expect(refusal({ remember: { pattern: npm, days: 0 } })).toBe("invalid");
    run(play, "ap_2", "env npm test");
    const env: CallPattern = { command: { kind: "words", words: ["env", "npm"] } };
    expect(play.decide(ANA, "ap_2", "allow", { remember: { pattern: env, days: 1 } })).toMatchObject({ code: "invalid" });
    expect(play.approval("ap_2").state).toBe("pending");
  });

  it("is one too many at the limit, and the ask waits", () => {
    const play = new CompanyPlay();
    play.decide(ANA, run(play, "ap_1", "npm test"), "allow", { remember: "run" });
    const full = run(play, "ap_full", "npm test", { run: "run_2" });
    play.state = { ...play.state, patterns: Object.fromEntries(filler(play).map((one) => [one.id, one])) };
    expect(play.decide(ANA, full, "allow", { remember: { pattern: npm, days: 1 } })).toMatchObject({ code: "too_many" });
    expect(play.approval(full).state).toBe("pending");
    expect(play.decide(ANA, full, "allow")).toBeUndefined();
  });

  /** As many patterns as a company may have. */
  function filler(play: CompanyPlay) {
    const one = only(play);
    return one ? Array.from({ length: LIMITS.patterns }, (_, n) => ({ ...one, id: `pat_${n}` })) : [];
  }

  const line = fc.array(fc.constantFrom("npm", "run", "test", "env", "sh", "-c", ";", "|", "$(x)", "'", "x", "exec"), {
    minLength: 1,
    maxLength: 4,
  });

  it("never allows a wrapper, a sign of the shell, another run or another risk", () => {
    fc.assert(
      fc.property(line, fc.boolean(), fc.constantFrom("write", "outward", "spend", "destroy"), (parts, sameRun, risk) => {
        const play = npmFor({ scope: "run" });
        const text = parts.join(" ");
        const id = run(play, "ap_2", text, { risk, ...(!sameRun && { run: "run_2" }) });
        if (play.approval(id).state !== "allowed") return;
        expect([sameRun, risk]).toEqual([true, "write"]);
        expect(text).toMatch(/^npm( (npm|run|test|env|sh))*$/);
      }),
    );
  });
});
