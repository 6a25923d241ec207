/** A company's room to play with. */
import type { Refused } from "../../lib/core.ts";
import { Play } from "../../lib/testing/play.ts";
import type { ApprovalAsk } from "../../protocol/agent.ts";
import type { CompanyCommand } from "../../protocol/commands.ts";
import type { Actor } from "../../protocol/common.ts";
import type { Approval, CompanyConfig, CompanyEvent, CompanyState } from "../../protocol/company.ts";
import { argumentsDigest } from "../../protocol/digest.ts";
import type { RecordChange, RoomMessage } from "../../protocol/internal.ts";
import type { Role } from "../../protocol/roles.ts";
import { companyCore } from "../core.ts";
import type { CompanyPrivate } from "../private.ts";

const person = (id: string, name: string, role: Role): Actor => ({ id, name, kind: "person", role, rights: 1 });
export const OLGA = person("u_olga", "Olga", "owner");
export const ANA = person("u_ana", "Ana", "operator");
export const OSKAR = person("u_oskar", "Oskar", "operator");
export const BEN = person("u_ben", "Ben", "member");

const INPUT = '{"command":"ls"}';
const CWD = "/workspace";

export class CompanyPlay extends Play<CompanyState, CompanyPrivate, CompanyEvent> {
  #rows = 0;

  constructor(config: Partial<CompanyConfig> = {}) {
    super(companyCore, "co_1");
    this.record({ kind: "company", config: { id: "co_1", name: "North", prefix: "NOR", fourEyes: false, ...config } });
    for (const one of [OLGA, ANA, OSKAR, BEN]) this.member(one);
  }

  record(change: RecordChange): void {
    this.#rows += 1;
    this.do({ kind: "op", op: { op: "record", generation: 1, row: this.#rows, change } });
  }

  member(actor: Actor): void {
    const { id, name, role, rights } = actor;
    this.record({ kind: "member", member: { id, name, role, rights }, by: OLGA });
  }

  command(actor: Actor, command: CompanyCommand): Refused | undefined {
    return this.take({ kind: "command", actor, command });
  }

  deliver(message: RoomMessage, room = "ag_1"): void {
    this.do({ kind: "message", from: { party: "agent", room }, message });
  }

  /** An agent asks for consent. @returns the approval */
  ask(ask: Partial<ApprovalAsk> = {}): string {
    const input = ask.input ?? INPUT;
    const tool = ask.tool ?? "shell";
    const approval = ask.approval ?? "ap_1";
    const digest = argumentsDigest(tool, input, CWD);
    this.deliver({
      kind: "approval.ask",
      ask: {
        approval,
        agent: "ag_1",
        agentName: "Guide",
        run: "run_1",
        runTitle: "Tidy up",
        call: "call_1",
        tool,
        input,
        digest,
        risk: "write",
        question: "Run it?",
        cwd: CWD,
        cause: BEN,
        need: 1,
        expiresAt: new Date(this.now + 3_600_000).toISOString(),
        ...ask,
      },
    });
    return approval;
  }

  approval(id: string): Approval {
    const approval = this.state.approvals[id];
    if (!approval) throw new Error(`no approval ${id}`);
    return approval;
  }

  decide(
    actor: Actor,
    id: string,
    decision: "allow" | "deny" | "edit",
    more: Partial<Extract<CompanyCommand, { type: "approval.decide" }>> = {},
  ): Refused | undefined {
    const { version, digest } = this.approval(id);
    return this.command(actor, { type: "approval.decide", approval: id, version, digest, decision, ...more });
  }

  /** A runner claims the right to carry a call out. @returns the refusal, or whether it was granted and why not */
  execute(id: string, fence = 1, digest = this.approval(id).digest, run = "run_1"): Refused | Record<string, unknown> {
    return this.take({ kind: "op", op: { op: "approval.execute", approval: id, digest, fence, run } }) ?? this.last?.result ?? {};
  }

  executed(id: string, fence = 1, effect: "none" | "done" | "unknown" = "done"): void {
    this.do({ kind: "op", op: { op: "approval.executed", approval: id, fence, run: "run_1", effect } });
  }
}
