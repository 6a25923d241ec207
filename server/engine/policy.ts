/**
 * Whether a tool may run: by itself, after a person allowed it, or not at all. Pure.
 *
 * Order: a rule that denies, then the rule for the tool, then the rule for its risk, then the agent's profile. A command
 * without a sandbox is asked every time, whatever the rules allow.
 */
import type { ToolPolicyConfig } from "../../party/protocol/agent.ts";
import type { Risk, ToolPolicy } from "../../party/protocol/common.ts";

type Profile = ToolPolicyConfig["profile"];

const ASK_ALL: Record<Risk, ToolPolicy> = {
  read: "ask",
  write: "ask",
  outward: "ask",
  spend: "ask",
  destroy: "ask",
  unknown: "ask",
};
const DENY_ALL: Record<Risk, ToolPolicy> = {
  read: "deny",
  write: "deny",
  outward: "deny",
  spend: "deny",
  destroy: "deny",
  unknown: "deny",
};

/**
 * What each profile does with each risk. `minimal` only talks; `basic` looks; `messaging` looks, and asks before it says
 * something outside; `outside` serves strangers and asks for everything; `coding` works in its workspace; `full` also
 * reaches out, but money and destruction are asked everywhere.
 */
const PROFILES: Record<Profile, Record<Risk, ToolPolicy>> = {
  minimal: DENY_ALL,
  basic: { ...DENY_ALL, read: "auto" },
  messaging: { ...DENY_ALL, read: "auto", outward: "ask" },
  outside: ASK_ALL,
  coding: { ...ASK_ALL, read: "auto", write: "auto" },
  full: { ...ASK_ALL, read: "auto", write: "auto", outward: "auto" },
};

/** Tools that a profile treats apart from their risk: a command can do more than its risk says. */
const PROFILE_TOOLS: Partial<Record<Profile, Record<string, ToolPolicy>>> = {
  coding: { shell: "ask" },
};

/** The tool as far as the policy is concerned. `unconfined`: it runs commands and this machine has no sandbox. */
export type PolicySubject = { name: string; risk: Risk; unconfined: boolean };

/** The policy for a tool under an agent's configuration. */
export function toolPolicy(tool: PolicySubject, config: ToolPolicyConfig): ToolPolicy {
  const rules = config.rules ?? {};
  const byTool = ruleFor(rules, tool.name);
  const byRisk = ruleFor(rules, tool.risk);
  if (byTool === "deny" || byRisk === "deny") return "deny";
  const verdict =
    byTool ?? byRisk ?? ruleFor(PROFILE_TOOLS[config.profile] ?? {}, tool.name) ?? PROFILES[config.profile][tool.risk];
  return verdict === "auto" && tool.unconfined ? "ask" : verdict;
}

/** Names come from people's configuration: a tool called `constructor` has no rule. */
function ruleFor(rules: Record<string, ToolPolicy>, name: string): ToolPolicy | undefined {
  return Object.hasOwn(rules, name) ? rules[name] : undefined;
}
