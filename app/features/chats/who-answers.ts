import { atLeast, type Role } from "../../../party/protocol/roles.ts";
import type { SessionConfig, SessionState } from "../../../party/protocol/session.ts";
import { firstName } from "../../lib/identity.ts";
import type { Mentionable } from "./mentions.ts";

/** Why this person can only read; nothing where they may write. */
export function whyNotTalk(role: Role): string | undefined {
  return atLeast(role, "member") ? undefined : "Viewers read; members write";
}

/** Why nothing can be written into this conversation now. */
export function whyNotWrite(config: SessionConfig | undefined, role: Role): string | undefined {
  return whyNotTalk(role) ?? (config?.archived ? "This conversation is archived. Bring it back to go on" : undefined);
}

/** The agents of a conversation, the one that answers by default first. */
export function agentsOf(config: SessionConfig): Mentionable[] {
  const first = { id: config.agent, name: config.agentName };
  return [first, ...(config.agents ?? []).filter(({ id }) => id !== config.agent)];
}

/** Who answers, in a few words for the head of the conversation. */
export function answererWords(state: SessionState): string {
  const { config, answeredBy } = state;
  if (answeredBy.kind === "person") return `answered by ${firstName(answeredBy.by.name)}`;
  if (!config) return "";
  const others = agentsOf(config).slice(1);
  if (others.length === 0) return `answered by ${config.agentName}`;
  return `answered by ${config.agentName}; @ asks ${others.map(({ name }) => name).join(" or ")}`;
}
