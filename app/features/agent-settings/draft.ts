import type { AgentRecord } from "./agent-api.ts";

/** What a person may change of an agent at once. */
export type Draft = Pick<AgentRecord, "name" | "title" | "model" | "instructions" | "tools" | "maxConcurrentRuns">;

export function draftOf({ name, title, model, instructions, tools, maxConcurrentRuns }: AgentRecord): Draft {
  return { name, title, model, instructions, tools, maxConcurrentRuns };
}

/** Only what differs is sent: what somebody else changed meanwhile elsewhere is not written back over them. */
export function changesOf(draft: Draft, base: Draft): Partial<Draft> {
  const changed: Partial<Draft> = {};
  if (draft.name.trim() !== base.name) changed.name = draft.name.trim();
  if (draft.title.trim() !== base.title) changed.title = draft.title.trim();
  if (draft.model !== base.model) changed.model = draft.model;
  if (draft.instructions !== base.instructions) changed.instructions = draft.instructions;
  if (draft.maxConcurrentRuns !== base.maxConcurrentRuns) changed.maxConcurrentRuns = draft.maxConcurrentRuns;
  if (JSON.stringify(draft.tools) !== JSON.stringify(base.tools)) changed.tools = draft.tools;
  return changed;
}

export type Rule = "auto" | "ask" | "deny";

/** The rules with one of them set, or taken away. */
export function withRule(tools: Draft["tools"], name: string, rule: Rule | undefined): Draft["tools"] {
  const { [name]: _before, ...others } = tools.rules ?? {};
  const rules = rule === undefined ? others : { ...others, [name]: rule };
  return { profile: tools.profile, ...(Object.keys(rules).length > 0 && { rules }) };
}
