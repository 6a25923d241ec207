import { describe, expect, it } from "vitest";
import type { Approval, CompanyState, RosterEntry } from "../../../party/protocol/company.ts";
import { EMPTY_COMPANY } from "../../../party/protocol/company-state.ts";
import { CLAIM_MS, comesBack, heldWords, laterChoices, triage, waitWords } from "./triage.ts";

const NOW = Date.parse("2026-01-07T12:00:00.000Z");
const at = (ms: number): string => new Date(NOW + ms).toISOString();
const HOUR_MS = 3_600_000;
const ANA = { id: "u_ana", name: "Ana Ruiz", kind: "person" } as const;
const BO = { id: "u_bo", role: "operator" } as const;

const approval = (id: string, change: Partial<Approval> = {}): Approval => ({
  id,
  agent: "ag_1",
  agentName: "Guide",
  run: "run_1",
  runTitle: "Tidy",
  call: "call_1",
  tool: "shell",
  input: '{"command":"ls"}',
  digest: "0".repeat(64),
  risk: "write",
  question: "Run it?",
  cwd: "/w",
  cause: null,
  need: 1,
  version: 1,
  state: "pending",
  votes: [],
  createdAt: at(-HOUR_MS),
  expiresAt: at(5 * HOUR_MS),
  ...change,
});
const agent = (id: string, change: Partial<RosterEntry> = {}): RosterEntry => ({
  agent: id,
  name: id,
  title: "",
  status: "idle",
  doing: "",
  queued: 0,
  model: "rehearsal",
  ...change,
});
const state = (change: Partial<CompanyState>): CompanyState => ({ ...EMPTY_COMPANY, ...change });
const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);

describe("the three lists", () => {
  const failed = { id: "run_9", title: "Write", outcome: "failed", endedAt: at(-HOUR_MS), ms: 1 };
  const company = state({
    roster: {
      ag_1: agent("ag_1", { queued: 2, status: "waiting" }),
      ag_2: agent("ag_2", { status: "failed", last: failed }),
      ag_3: agent("ag_3", { status: "paused", queued: 4, paused: { reason: "loop", by: "Atrium", note: "Woken 6 times" } }),
      ag_4: agent("ag_4", { status: "paused", paused: { reason: "manual", by: "Ana" } }),
      ag_5: agent("ag_5", { status: "failed", last: { ...failed, id: "run_8", endedAt: at(-25 * HOUR_MS) } }),
    },
    approvals: { ap_1: approval("ap_1"), ap_2: approval("ap_2", { claim: { by: ANA, at: at(-60_000) } }) },
  });

  it("hold asks, pauses nobody meant and fresh failures, most held up first", () => {
    expect(ids(triage(company, BO, new Map(), NOW).team)).toEqual(["ag_3", "ap_1", "ap_2", "run_9"]);
  });

  it("leave to others what they look after, for half an hour", () => {
    expect(ids(triage(company, BO, new Map(), NOW).mine)).toEqual(["ag_3", "ap_1", "run_9"]);
    expect(ids(triage(company, BO, new Map(), NOW + CLAIM_MS).mine)).toContain("ap_2");
    expect(ids(triage(company, { id: ANA.id, role: "operator" }, new Map(), NOW).mine)).toContain("ap_2");
  });

  it("give nobody what they may not decide", () => {
    expect(ids(triage(company, { id: "u_vera", role: "viewer" }, new Map(), NOW).mine)).toEqual([]);
    expect(ids(triage(company, { id: "u_ben", role: "member" }, new Map(), NOW).mine)).toEqual(["run_9"]);
  });

  it("put off what a person puts off, until it comes back", () => {
    const later = new Map([["ap_1", at(HOUR_MS)]]);
    const lists = triage(company, BO, later, NOW);
    expect([ids(lists.later), ids(lists.mine)]).toEqual([["ap_1"], ["ag_3", "run_9"]]);
    expect(ids(triage(company, BO, later, NOW + HOUR_MS).mine)).toContain("ap_1");
  });
});

describe("putting off", () => {
  const item = { kind: "approval", id: "ap_1", at: at(0), held: 1, approval: approval("ap_1") } as const;

  it("brings an ask back before it expires, and not at all when there is no time left", () => {
    expect(comesBack(item, new Date(NOW + 24 * HOUR_MS), NOW)).toBe(at(4 * HOUR_MS));
    expect(comesBack(item, new Date(NOW + HOUR_MS), NOW)).toBe(at(HOUR_MS));
    const short = { ...item, approval: approval("ap_1", { expiresAt: at(HOUR_MS / 2) }) };
    expect(comesBack(short, new Date(NOW + HOUR_MS), NOW)).toBeUndefined();
  });

  it("offers times that all lie ahead, also on a Monday morning", () => {
    for (let day = 0; day < 7; day++) {
      const now = NOW + day * 24 * HOUR_MS - 6 * HOUR_MS;
      for (const { until } of laterChoices(now)) expect(until.getTime()).toBeGreaterThan(now);
    }
  });
});

describe("what waits, in words", () => {
  it("says who decides it right now, and how long that can be taken back", () => {
    const held = { by: ANA, decision: "allow", at: at(0), until: at(4_000) } as const;
    expect(heldWords(held, NOW)).toBe("Ana allows this in 4 s");
    expect(heldWords(held, NOW, ANA.id)).toBe("You allow this in 4 s");
  });

  it("says how often it was asked, and how long it has", () => {
    const asked = approval("ap_1", { reminded: { times: 2, at: at(0) } });
    const item = { kind: "approval", id: "ap_1", at: at(0), held: 1, approval: asked } as const;
    expect(waitWords(item, NOW, BO.id)).toBe("5 h left, asked 2 more times");
    expect(waitWords(item, NOW, BO.id, at(2 * HOUR_MS))).toBe("Put off, comes back in 2 h");
  });
});
