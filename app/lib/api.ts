import { hc } from "hono/client";
import { isRunEvent } from "../../party/protocol/agent-state.ts";
import { assertNever } from "../../party/protocol/assert.ts";
import type { Role } from "../../party/protocol/roles.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import type { Api } from "../../server/api/app.ts";
import type { EventsPage } from "../features/agent/transcript.ts";
import { ApiError, apiFetch } from "./http.ts";
import type { TicketAnswer } from "./room/wire.ts";

/** The most a list gives at once. */
const WHOLE_LIST = { limit: "200" };
/** Events of a run read at once. */
const EVENTS_PAGE = "500";

export const client = hc<Api>("/", { fetch: apiFetch }).api;
export const inCompany = client.companies[":companyId"];
const ofRun = inCompany.runs[":runId"];

/** The body of an answer; `apiFetch` has thrown for every answer that is a refusal. */
export async function body<T>(response: Promise<{ json(): Promise<T> }>): Promise<T> {
  return (await response).json();
}

function isStored(value: unknown): value is { seq: number; at: string; type: string } {
  return typeof value === "object" && value !== null && "seq" in value && "at" in value && "type" in value;
}

function readEvents(page: unknown): EventsPage {
  const { items, nextCursor, stale } = Object(page);
  const events: unknown[] = Array.isArray(items) ? items : [];
  return { items: events.filter(isStored).filter(isRunEvent), more: typeof nextCursor === "string", stale: stale === true };
}

/** What the screens ask of the API. Every refusal is an ApiError with a sentence for the person. */
export const api = {
  me: () => body(client.me.$get()),
  signUp: (json: { email: string; password: string; name: string; invite?: string; timezone?: string }) =>
    body(client.auth["sign-up"].$post({ json })),
  signIn: (json: { email: string; password: string }) => body(client.auth["sign-in"].$post({ json })),
  signOut: () => client.auth["sign-out"].$post(),

  companies: () => body(client.companies.$get({ query: WHOLE_LIST })),
  createCompany: (json: { name: string }) => body(client.companies.$post({ json })),

  members: (companyId: string) => body(inCompany.members.$get({ param: { companyId }, query: WHOLE_LIST })),
  setRole: (companyId: string, userId: string, role: Role) =>
    body(inCompany.members[":userId"].$patch({ param: { companyId, userId }, json: { role } })),
  removeMember: (companyId: string, userId: string) => inCompany.members[":userId"].$delete({ param: { companyId, userId } }),

  invites: (companyId: string) => body(inCompany.invites.$get({ param: { companyId }, query: WHOLE_LIST })),
  createInvite: (companyId: string, json: { role: Role; email?: string }) =>
    body(inCompany.invites.$post({ param: { companyId }, json })),
  revokeInvite: (companyId: string, inviteId: string) =>
    inCompany.invites[":inviteId"].$delete({ param: { companyId, inviteId } }),
  previewInvite: (token: string) => body(client.invites.preview.$get({ query: { token } })),
  acceptInvite: (invite: string) => body(client.invites.accept.$post({ json: { invite } })),

  createAgent: (companyId: string, json: { name: string; title: string; instructions: string }) =>
    body(inCompany.agents.$post({ param: { companyId }, json })),

  /** Runs of an agent, newest first. */
  runs: (companyId: string, agent: string, cursor: string | undefined) =>
    body(inCompany.runs.$get({ param: { companyId }, query: cursor === undefined ? { agent } : { agent, cursor } })),
  run: (companyId: string, runId: string) => body(ofRun.$get({ param: { companyId, runId } })),
  /** A page of a run's events after a seq, oldest first. */
  runEvents: async (companyId: string, runId: string, after: number) => {
    const param = { companyId, runId };
    const response = await ofRun.events.$get({ param, query: { after: String(after), limit: EVENTS_PAGE }, header: {} });
    // The route also streams, so its answer has no type of its own.
    return readEvents(await response.json());
  },
  /** The whole of a text that only begins where it is shown. */
  refText: async (companyId: string, owner: TextOwner, ref: string) => (await refOf(companyId, owner, ref)).text(),
};

/** Whose text it is: the rooms of agents keep those of runs, the company's room the arguments of approvals. */
export type TextOwner = { kind: "run"; id: string } | { kind: "approval"; id: string } | { kind: "session"; id: string };

function refOf(companyId: string, owner: TextOwner, ref: string): Promise<Response> {
  switch (owner.kind) {
    case "run":
      return ofRun.refs[":ref"].$get({ param: { companyId, runId: owner.id, ref } });
    case "approval":
      return inCompany.approvals[":approvalId"].refs[":ref"].$get({ param: { companyId, approvalId: owner.id, ref } });
    case "session":
      return inCompany.sessions[":sessionId"].refs[":ref"].$get({ param: { companyId, sessionId: owner.id, ref } });
    default:
      return assertNever(owner);
  }
}

type Answer<K extends keyof typeof api> = Awaited<ReturnType<(typeof api)[K]>>;
export type User = Answer<"me">["user"];
/** A company the person is a member of, with their role in it. */
export type Company = Answer<"companies">["items"][number];
export type Member = Answer<"members">["items"][number];
/** What a link leads to. */
export type Invitation = Answer<"previewInvite">;
export type Invite = Answer<"invites">["items"][number];

/** Asks for leave to enter a room, and says what its absence means for the connection. */
export async function requestTicket(party: Party, room: string): Promise<TicketAnswer> {
  try {
    const { url, ticket } = await body(client.rooms.tickets.$post({ json: { party, room } }));
    return { kind: "ticket", url, ticket };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return { kind: "signed_out" };
    if (error.status === 403 || error.status === 404) return { kind: "not_found" };
    return { kind: "later", retryAfterMs: error.retryAfterMs };
  }
}
