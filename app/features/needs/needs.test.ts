import { describe, expect, it } from "vitest";
import type { Approval, CompanyState, Question, RosterEntry } from "../../../party/protocol/company.ts";
import { EMPTY_COMPANY } from "../../../party/protocol/company-state.ts";
import { endingOf } from "./approval-words.ts";
import { openNeeds, settledApprovals } from "./needs.ts";
import { canGrant, whyNotDecide } from "./rights.ts";
import { winnerSentence } from "./winner.ts";

const ANA = { id: "u_ana", name: "Ana Ruiz", kind: "person" } as const;
const JOY = { id: "u_joy", name: "Joy Adeyemi", kind: "person" } as const;

function approval(id: string, change: Partial<Approval> = {}): Approval {
  return {
    id,
    agent: "ag_1",
    agentName: "Guide",
    run: "run_1",
    runTitle: "Tidy",
    call: "call_1",
    tool: "shell",
    input: "{}",
    digest: "0".repeat(64),
    risk: "write",
    question: "Run it?",
    cwd: "/w",
    cause: ANA,
    need: 1,
    version: 1,
    state: "pending",
    votes: [],
    createdAt: "2026-01-01T10:00:00.000Z",
    expiresAt: "2026-01-08T10:00:00.000Z",
    ...change,
  };
}

function question(id: string, createdAt: string): Question {
  return {
    id,
    agent: "ag_2",
    agentName: "Writer",
    run: "run_2",
    runTitle: "Write",
    text: "Warm?",
    options: [],
    createdAt,
    state: "open",
  };
}

function agent(id: string, queued: number): RosterEntry {
  return { agent: id, name: id, title: "", status: "waiting", doing: "", queued, model: "rehearsal" };
}

function state(change: Partial<CompanyState>): CompanyState {
  return { ...EMPTY_COMPANY, ...change };
}

describe("needs", () => {
  it("put what holds up most first, then what has waited longest", () => {
    const needs = openNeeds(
      state({
        roster: { ag_1: agent("ag_1", 2), ag_2: agent("ag_2", 0) },
        approvals: { ap_1: approval("ap_1"), ap_2: approval("ap_2", { agent: "ag_2", createdAt: "2026-01-01T09:00:00.000Z" }) },
        questions: { q_1: question("q_1", "2026-01-01T08:00:00.000Z") },
      }),
    );
    expect(needs.map((need) => [need.id, need.held])).toEqual([
      ["ap_1", 3],
      ["q_1", 1],
      ["ap_2", 1],
    ]);
  });

  it("leave the list when they are settled, and stay in sight as such", () => {
    const settled = approval("ap_1", { state: "denied", decidedAt: "2026-01-01T11:00:00.000Z" });
    const company = state({ approvals: { ap_1: settled, ap_2: approval("ap_2") } });
    expect(openNeeds(company).map((need) => need.id)).toEqual(["ap_2"]);
    expect(settledApprovals(company, 5)).toEqual([settled]);
  });
});

describe("who may decide", () => {
  it("asks for an operator, and for an admin where money or loss is at stake", () => {
    expect(whyNotDecide(approval("ap_1"), { id: "u_joy", role: "operator" }, undefined)).toEqual({});
    expect(whyNotDecide(approval("ap_1"), { id: "u_joy", role: "member" }, undefined).allow).toContain("operator");
    expect(whyNotDecide(approval("ap_1", { risk: "spend" }), { id: "u_joy", role: "operator" }, undefined).deny).toContain(
      "admin",
    );
  });

  it("lets a lone owner allow their own agent, unless four eyes are asked for; denying is always theirs", () => {
    const me = { id: "u_ana", role: "owner" } as const;
    const config = { id: "co_1", name: "N", prefix: "NOR", fourEyes: true };
    expect(whyNotDecide(approval("ap_1"), me, { ...config, fourEyes: false })).toEqual({});
    const why = whyNotDecide(approval("ap_1"), me, config);
    expect(why.allow).toContain("somebody else");
    expect(why.deny).toBeUndefined();
  });
});

describe("one allow for all calls of a tool in a run", () => {
  it("is offered where the room takes it: not for money or loss, not with a quorum, not without a sandbox", () => {
    expect(canGrant(approval("ap_1"))).toBe(true);
    for (const change of [{ risk: "spend" }, { risk: "destroy" }, { need: 2 }, { everyTime: true }] as const)
      expect(canGrant(approval("ap_1", change)), JSON.stringify(change)).toBe(false);
  });
});

describe("how it ended", () => {
  const at = "2026-01-01T10:00:00.000Z";

  it("names who decided, and keeps the note", () => {
    expect(endingOf("executed", [{ by: ANA, decision: "allow", at }])?.text).toBe("Allowed by Ana, it ran");
    expect(endingOf("denied", [{ by: JOY, decision: "deny", at, note: "wait for the permit" }])).toMatchObject({
      text: "Denied by Joy",
      note: "wait for the permit",
    });
    expect(endingOf("pending", [])).toBeUndefined();
  });

  it("says of a call that was broken off whether anyone had decided", () => {
    expect(endingOf("cancelled", [])?.text).toBe("Nobody decided; the call was broken off");
    expect(endingOf("cancelled", [{ by: ANA, decision: "allow", at }])?.text).toBe(
      "Allowed by Ana, but the call was broken off before it ran",
    );
  });

  it("tells the second to decide who was first, and when", () => {
    const winner = { by: ANA, decision: "allow", at, note: "go" };
    expect(winnerSentence(winner, Date.parse(at) + 12_000)).toBe(
      "Ana allowed this 12 s ago. Your decision was not used. Note: go",
    );
  });
});
