/** What a company's room keeps to itself. */
import type { CompanyCommand } from "../protocol/commands.ts";
import type { Actor } from "../protocol/common.ts";

/** The right to carry out an approved call, once. */
export type Execution = { fence: number; run: string; at: number };

export type CompanyMain = {
  /** rooms each person is in: where a change of rights must arrive */
  places: Record<string, { party: "agent" | "session"; room: string }[]>;
  /** newest rights version known per person, of removed ones too */
  rights: Record<string, number>;
  /** approvals being carried out */
  executions: Record<string, Execution>;
  /** new arguments a person wrote, in full, by approval, until it is settled: the public state may hold only a reference */
  edits: Record<string, string>;
  /** fences below this are dead, by run: their leases ended */
  dead: Record<string, number>;
  /** decisions that wait for the end of their grace, by approval: made as if they came then */
  held: Record<string, { actor: Actor; command: Extract<CompanyCommand, { type: "approval.decide" }> }>;
};

export type CompanyPrivate = { main: CompanyMain };

export const EMPTY_COMPANY_PRIVATE: CompanyPrivate = {
  main: { places: {}, rights: {}, executions: {}, edits: {}, dead: {}, held: {} },
};
