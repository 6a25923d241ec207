import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Actor } from "../protocol/common.ts";
import { atLeast } from "../protocol/roles.ts";
import { ANA, BEN, CompanyPlay, OLGA, OSKAR } from "./testing/company.ts";

const PEOPLE = [OLGA, ANA, OSKAR, BEN];
const STEPS = [
  "ask",
  "allow",
  "deny",
  "edit",
  "vote stale",
  "execute",
  "executed",
  "lost",
  "cancel",
  "role",
  "time",
  "restart",
] as const;

type Step = { what: (typeof STEPS)[number]; a: number; b: number; c: number };
const step: fc.Arbitrary<Step> = fc.record({ what: fc.constantFrom(...STEPS), a: fc.nat(3), b: fc.nat(3), c: fc.nat(3) });

class World {
  readonly play: CompanyPlay;
  readonly #granted = new Map<string, number>();
  #asks = 0;
  #rights = 1;

  constructor(fourEyes: boolean) {
    this.play = new CompanyPlay({ fourEyes });
  }

  apply({ what, a, b, c }: Step): void {
    const { play } = this;
    const ids = Object.keys(play.state.approvals);
    const id = ids[ids.length - 1 - (a % Math.max(1, ids.length))];
    const actor = PEOPLE[b] ?? OLGA;
    if (what === "ask") {
      this.#asks += 1;
      play.ask({
        approval: `ap_${this.#asks}`,
        run: `run_${c % 2}`,
        need: 1 + (a % 2),
        cause: actor,
        risk: a === 3 ? "destroy" : "write",
        expiresAt: new Date(play.now + (b + 1) * 60_000).toISOString(),
      });
    } else if (what === "role") this.#changeRole(actor, c);
    else if (what === "time") play.wait(c * 30_000);
    else if (what === "restart") play.restart();
    else if (id) this.#on(what, id, actor, c);
    this.check();
  }

  #on(what: Exclude<Step["what"], "ask" | "role" | "time" | "restart">, id: string, actor: Actor, c: number): void {
    const { play } = this;
    const { run } = play.approval(id);
    switch (what) {
      case "allow":
      case "deny":
        play.decide(actor, id, what, { remember: c === 0 ? "run" : "once" });
        break;
      case "edit":
        play.decide(actor, id, "edit", { input: JSON.stringify({ command: c }) });
        break;
      case "vote stale":
        play.decide(actor, id, "allow", { version: c });
        break;
      case "execute":
        this.#execute(id, run, c);
        break;
      case "executed":
        play.executed(id, c);
        break;
      case "lost":
        play.deliver({ kind: "approval.lost", run, below: c });
        break;
      case "cancel":
        if (c === 0) play.deliver({ kind: "approval.cancel", run, why: "The run ended" });
        break;
    }
  }

  #execute(id: string, run: string, fence: number): void {
    const { play } = this;
    const before = play.approval(id);
    const answer = play.execute(id, fence, before.digest, run);
    if (!("granted" in answer) || answer.granted !== true) return;
    // Granted to one fence alone, after a yes of people who may still say it, and in time.
    const holder = this.#granted.get(id);
    expect(holder === undefined || holder === fence).toBe(true);
    this.#granted.set(id, fence);
    if (before.state === "executing") return;
    expect(["allowed", "edited"]).toContain(before.state);
    expect(Date.parse(before.expiresAt)).toBeGreaterThan(play.now);
    const least = before.risk === "destroy" ? "admin" : "operator";
    const counted = before.votes.filter(({ by, decision }) => {
      const member = play.state.members[by.id];
      return decision !== "deny" && member && atLeast(member.role, least);
    });
    expect(counted.length).toBeGreaterThanOrEqual(before.need);
    if (play.state.config?.fourEyes) expect(counted.map(({ by }) => by.id)).not.toContain(before.cause?.id);
  }

  #changeRole(actor: Actor, c: number): void {
    this.#rights += 1;
    const { id, name } = actor;
    if (c === 3) this.play.record({ kind: "member.removed", id, name, rights: this.#rights, by: OLGA });
    else this.play.member({ ...actor, role: c === 0 ? "member" : actor.role, rights: this.#rights });
  }

  check(): void {
    const decided = new Map<string, number>();
    const executing = new Map<string, number>();
    for (const event of this.play.events) {
      if (event.type === "approval.decided") decided.set(event.approval, (decided.get(event.approval) ?? 0) + 1);
      if (event.type === "approval.state" && event.state === "executing")
        executing.set(event.approval, (executing.get(event.approval) ?? 0) + 1);
    }
    for (const times of [...decided.values(), ...executing.values()]) expect(times).toBe(1);
    // Each decision is told to the agent once, in the turn that makes it.
    expect(this.play.said("approval.decided")).toHaveLength(decided.size);
  }
}

describe("consent, whatever people and runners do", () => {
  it("is decided once, carried out once, under one fence, by those who may", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 50 }), (fourEyes, steps) => {
        const world = new World(fourEyes);
        world.play.ask();
        for (const one of steps) world.apply(one);
      }),
      { numRuns: 300 },
    );
  });
});

describe("questions", () => {
  const question = {
    id: "q_1",
    agent: "ag_1",
    agentName: "Guide",
    run: "run_1",
    runTitle: "Tidy",
    text: "Which?",
    options: ["a", "b"],
  };

  it("take the first answer, tell the agent once, and name who was first to the others", () => {
    const play = new CompanyPlay();
    play.deliver({ kind: "question.ask", question });
    play.deliver({ kind: "question.ask", question });
    expect(play.command(BEN, { type: "question.answer", question: "q_1", value: "a" })).toBeUndefined();
    expect(play.command(ANA, { type: "question.answer", question: "q_1", value: "b" })).toMatchObject({
      code: "already_decided",
      winner: { by: { id: BEN.id }, decision: "a" },
    });
    expect(play.said("question.answered")).toMatchObject([{ value: "a", run: "run_1" }]);
  });

  it("close with their run", () => {
    const play = new CompanyPlay();
    play.deliver({ kind: "question.ask", question });
    play.deliver({ kind: "approval.cancel", run: "run_1", why: "The run ended" });
    expect(play.command(BEN, { type: "question.answer", question: "q_1", value: "a" })).toMatchObject({ code: "conflict" });
  });
});

describe("rights", () => {
  it("follow a person into every room they are in, and out of those they left", () => {
    const play = new CompanyPlay();
    play.deliver({ kind: "presence.join", person: ANA.id, rights: 1 }, "ag_1");
    play.do({
      kind: "message",
      from: { party: "session", room: "ss_1" },
      message: { kind: "presence.join", person: ANA.id, rights: 1 },
    });
    play.deliver({ kind: "presence.join", person: ANA.id, rights: 1 }, "ag_2");
    play.deliver({ kind: "presence.leave", person: ANA.id }, "ag_2");
    play.member({ ...ANA, role: "viewer", rights: 2 });
    expect(play.last?.out).toMatchObject([
      { party: "agent", room: "ag_1", message: { kind: "rights", role: "viewer", rights: 2 } },
      { party: "session", room: "ss_1", message: { kind: "rights", role: "viewer", rights: 2 } },
    ]);
    expect(play.last?.roles).toEqual([{ person: ANA.id, role: "viewer", rights: 2 }]);
  });

  it("are told at once to a room that a person entered with an older ticket", () => {
    const play = new CompanyPlay();
    play.record({ kind: "member.removed", id: ANA.id, name: "Ana", rights: 2, by: OLGA });
    expect(play.last?.close).toEqual([{ kind: "person", person: ANA.id }]);
    play.deliver({ kind: "presence.join", person: ANA.id, rights: 1 });
    expect(play.said("rights")).toMatchObject([{ person: ANA.id, role: null, rights: 2 }]);
    play.deliver({ kind: "presence.join", person: OLGA.id, rights: 1 });
    expect(play.said("rights")).toHaveLength(1);
  });

  it("only go forward, whatever order records come in", () => {
    const play = new CompanyPlay();
    play.record({ kind: "member.removed", id: ANA.id, name: "Ana", rights: 3, by: OLGA });
    play.member({ ...ANA, rights: 2 });
    expect(play.state.members[ANA.id]).toBeUndefined();
  });

  it("of a browser session end wherever it is open", () => {
    const play = new CompanyPlay();
    for (const room of ["ag_1", "ag_2"]) play.deliver({ kind: "presence.join", person: ANA.id, rights: 1 }, room);
    play.record({ kind: "session.revoked", session: "s1" });
    expect(play.last?.close).toEqual([{ kind: "session", session: "s1" }]);
    expect(play.last?.out).toMatchObject([{ room: "ag_1" }, { room: "ag_2" }]);
  });
});

describe("the roster", () => {
  const entry = { agent: "ag_1", name: "Guide", title: "", status: "working" as const, doing: "Thinking", queued: 0, model: "m" };

  it("shows what agents say of themselves, and forgets retired ones also when they speak late", () => {
    const play = new CompanyPlay();
    play.deliver({ kind: "roster", entry });
    expect(play.state.roster.ag_1?.status).toBe("working");
    play.deliver({ kind: "roster", entry: { ...entry, status: "retired" } });
    play.deliver({ kind: "roster", entry: { ...entry, status: "retired" } });
    expect(play.state.roster).toEqual({});
    expect(play.ofType("agent.removed")).toHaveLength(1);
  });

  it("moves without being stored", () => {
    const play = new CompanyPlay();
    play.deliver({ kind: "doing", agent: "ag_1", doing: "Reading" });
    expect(play.last).toMatchObject({ events: [], live: [{ type: "agent.doing", doing: "Reading" }] });
  });

  it("hears a stop for everything", () => {
    const play = new CompanyPlay();
    for (const agent of ["ag_1", "ag_2"]) play.deliver({ kind: "roster", entry: { ...entry, agent } }, agent);
    expect(play.command(BEN, { type: "stop.everything" })).toBeUndefined();
    expect(play.last?.out?.map(({ room, message }) => [room, message.kind])).toEqual([
      ["ag_1", "stop"],
      ["ag_2", "stop"],
    ]);
  });

  it("hears the brake of the server's operator, who is no member, and nothing else of theirs", () => {
    const play = new CompanyPlay();
    play.deliver({ kind: "roster", entry });
    const approval = play.ask();
    const operator = { id: "operator", name: "The server's operator", kind: "system", role: "owner", rights: 0 } as const;
    expect(play.command(operator, { type: "approval.claim", approval })).toMatchObject({ code: "forbidden" });
    expect(play.command(operator, { type: "stop.everything" })).toBeUndefined();
    expect(play.last?.out?.map(({ message }) => message.kind)).toEqual(["stop"]);
  });
});
