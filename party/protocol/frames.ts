/** Every frame between a room and a viewer. JSON text, one object a frame. */
import { z } from "zod";
import { type AgentState, agentEvent, type StampedAgentEvent } from "./agent.ts";
import { agentCommand, companyCommand, sessionCommand } from "./commands.ts";
import { type CompanyEvent, type CompanyLive, type CompanyState, companyEvent, companyLive } from "./company.ts";
import { ROLES, type Role } from "./roles.ts";
import { type RunLive, runLive, type Stamped } from "./run-events.ts";
import { type SessionEvent, type SessionState, sessionEvent } from "./session.ts";
import type { Party } from "./tickets.ts";

/** What each room streams. */
export type RoomTypes = {
  company: { state: CompanyState; event: Stamped<CompanyEvent>; live: CompanyLive };
  agent: { state: AgentState; event: StampedAgentEvent; live: RunLive };
  session: { state: SessionState; event: Stamped<SessionEvent>; live: { type: "typing"; by: string } };
};

export const RESET_REASONS = ["new", "epoch", "too_old", "schema"] as const;
export type ResetReason = (typeof RESET_REASONS)[number];

/** One person in a room, over all their sockets. */
export type PresenceEntry = {
  id: string;
  name: string;
  /** role in the company */
  role: Role;
  /** what they look at: free words of the app, such as `run_…` or `floor` */
  place?: string;
  /** seq they read at; absent at the live edge */
  reading?: number;
  typing?: boolean;
  /** approval they have open */
  deciding?: string;
  devices: ("desktop" | "phone")[];
};

export const presenceUpdate = z.object({
  place: z.string().max(80).optional(),
  reading: z.number().int().nonnegative().optional(),
  typing: z.boolean().optional(),
  deciding: z.string().max(64).optional(),
  device: z.enum(["desktop", "phone"]).optional(),
});
export type PresenceUpdate = z.infer<typeof presenceUpdate>;

export type Hello = {
  type: "hello";
  v: number;
  party: Party;
  room: string;
  epoch: string;
  head: number;
  /** the room's clock, ISO 8601 */
  now: string;
  you: { id: string; role: Role };
  retryAfterMs?: number;
} & ({ mode: "resumed" } | { mode: "reset"; reason: ResetReason });

export type PresenceFrame =
  | { type: "presence"; people: PresenceEntry[] }
  | { type: "presence"; join?: PresenceEntry[]; leave?: string[]; patch?: PresenceEntry[] };

/** A refusal says what happened in one plain sentence; `winner` names who was first. */
export type Nack = {
  type: "nack";
  id: string;
  code: string;
  message: string;
  retryable: boolean;
  winner?: { by: { id: string; name: string }; decision: string; at: string; note?: string };
};

export type ServerFrame<P extends Party = Party> =
  | Hello
  | { type: "snapshot"; seq: number; state: string; part: number; parts: number }
  | { type: "events"; events: RoomTypes[P]["event"][]; more?: true }
  | { type: "live"; items: RoomTypes[P]["live"][] }
  | PresenceFrame
  | { type: "ack"; id: string; seq: number; result?: Record<string, unknown> }
  | Nack
  | { type: "digest"; seq: number; h: string }
  | { type: "pong" };

/** The exact bytes of a heartbeat; the room answers while it sleeps. */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

const commandFrame = <C extends z.ZodType>(command: C) =>
  z.object({
    type: z.literal("command"),
    id: z.string().min(8).max(64),
    /** ISO time derived from hello.now; the room refuses the command after it */
    deadline: z.string().max(40),
    command,
  });

const otherFrames = [
  z.object({ type: z.literal("presence"), ...presenceUpdate.shape }),
  z.object({ type: z.literal("more"), seq: z.number().int().nonnegative() }),
  z.object({ type: z.literal("seen"), seq: z.number().int().nonnegative() }),
  z.object({ type: z.literal("ping") }),
] as const;

export const clientFrame = {
  company: z.discriminatedUnion("type", [commandFrame(companyCommand), ...otherFrames]),
  agent: z.discriminatedUnion("type", [commandFrame(agentCommand), ...otherFrames]),
  session: z.discriminatedUnion("type", [commandFrame(sessionCommand), ...otherFrames]),
} as const;
export type ClientFrame<P extends Party = Party> = z.infer<(typeof clientFrame)[P]>;

const stamp = z.object({ seq: z.number().int().positive(), at: z.string() });
/** Schemas of durable events and live items per party, for the borders that parse them. */
export const eventSchema = {
  company: companyEvent.and(stamp),
  agent: agentEvent.and(stamp),
  session: sessionEvent.and(stamp),
} as const;
export const liveSchema = { company: companyLive, agent: runLive } as const;

export const helloSchema = z.object({
  type: z.literal("hello"),
  v: z.number(),
  party: z.enum(["company", "agent", "session"]),
  room: z.string(),
  epoch: z.string(),
  head: z.number().int().nonnegative(),
  now: z.string(),
  mode: z.enum(["resumed", "reset"]),
  reason: z.enum(RESET_REASONS).optional(),
  you: z.object({ id: z.string(), role: z.enum(ROLES) }),
  retryAfterMs: z.number().optional(),
});
