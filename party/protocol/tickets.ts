/** A ticket lets one socket into one room, once. The api signs it, the room checks it before any room code runs. */
import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { ROLES } from "./roles.ts";
import { readToken, signToken } from "./sign.ts";

export const PARTIES = ["company", "agent", "session"] as const;
export type Party = (typeof PARTIES)[number];

/** Path segment of a party in `/parties/<segment>/<room>`; PartyKit calls the first party `main`. */
export function partySegment(party: Party): string {
  return party === "company" ? "main" : party;
}

export function partyOfSegment(segment: string): Party | undefined {
  if (segment === "main" || segment === "company") return "company";
  return segment === "agent" || segment === "session" ? segment : undefined;
}

export const ticketClaims = z.object({
  /** one use: the id is stored by the room until it expires */
  id: z.string().min(8).max(64),
  party: z.enum(PARTIES),
  room: z.string().min(1).max(64),
  company: z.string().min(1).max(64),
  person: z.object({ id: z.string().min(1).max(64), name: z.string().max(200) }),
  role: z.enum(ROLES),
  /** version of the person's rights in the company; a room that knows a newer one uses that */
  rights: z.number().int().nonnegative(),
  /** what it was made with, so that its end closes the socket: hash of a browser session, or `key:<id>` of an API key */
  session: z.string().max(64).optional(),
  /** ms since the epoch */
  expiresAt: z.number(),
});
export type TicketClaims = z.infer<typeof ticketClaims>;

export function signTicket(secret: string, claims: TicketClaims): string {
  return signToken(secret, "ticket", claims);
}

export type TicketCheck = { ok: true; claims: TicketClaims } | { ok: false; status: 401 | 403 };

/** 401 for a bad or expired ticket, 403 for a good one of another room. One use is kept by the room itself. */
export function checkTicket(secret: string, ticket: string | null, party: Party, room: string, now: number): TicketCheck {
  const parsed = ticketClaims.safeParse(ticket ? readToken(secret, "ticket", ticket) : undefined);
  if (!parsed.success) return { ok: false, status: 401 };
  const claims = parsed.data;
  if (claims.expiresAt <= now || claims.expiresAt > now + 2 * LIMITS.ticketMs) return { ok: false, status: 401 };
  if (claims.party !== party || claims.room !== room) return { ok: false, status: 403 };
  return { ok: true, claims };
}
