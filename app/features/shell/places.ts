import type { CompanyState } from "../../../party/protocol/company.ts";
import type { PresenceEntry } from "../../../party/protocol/frames.ts";

/** What a viewer looks at, as the company's room tells the others. */
export const FLOOR = "floor";
export const NEEDS = "needs";
export const AGENTS = "agents";
export const CHATS = "chats";
export const LIBRARY = "library";
export const RUNS = "runs";
export const SEARCH = "search";
export const MEMBERS = "members";
export const PATTERNS = "patterns";
export const MODELS = "models";
export const NOTIFICATIONS = "notifications";

export function placeOfAgent(agent: string): string {
  return `agent:${agent}`;
}

/** Where a person is, in words for the list of who is here. */
export function placeWords(person: PresenceEntry, state: CompanyState | undefined): string {
  const device = person.devices.includes("desktop") ? "" : ", on a phone";
  return `${where(person.place, state)}${device}`;
}

function where(place: string | undefined, state: CompanyState | undefined): string {
  switch (place) {
    case undefined:
    case FLOOR:
      return "on the Floor";
    case NEEDS:
      return "at what needs people";
    case AGENTS:
      return "at the agents";
    case CHATS:
      return "at the conversations";
    case RUNS:
      return "at the runs";
    case SEARCH:
      return "searching";
    case LIBRARY:
      return "at the library";
    case MEMBERS:
      return "at the members";
    case PATTERNS:
      return "at the remembered patterns";
    case MODELS:
      return "at the models";
    case NOTIFICATIONS:
      return "at the notifications";
    default: {
      const agent = place.startsWith("agent:") ? state?.roster[place.slice("agent:".length)] : undefined;
      return agent ? `with ${agent.name}` : "in a room";
    }
  }
}
