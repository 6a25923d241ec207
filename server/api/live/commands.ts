/** A person's REST command, sent to its room and answered with the room's own words. */
import { createHash } from "node:crypto";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { COMMAND_ROLE, type RoomCommand } from "../../../party/protocol/commands.ts";
import { newId } from "../../../party/protocol/ids.ts";
import type { OpAnswer } from "../../../party/protocol/internal.ts";
import type { Message } from "../../../party/protocol/session.ts";
import type { Party } from "../../../party/protocol/tickets.ts";
import { type AppContext, roomActorOf } from "../context.ts";
import { ApiError, notFound, roomsAway, storageFull } from "../errors.ts";
import { type PolicyMiddleware, policy } from "../route.ts";

/** ms after which a room that was away does not carry a command out any more: its sender was told 503 before that */
const COMMAND_MS = 10_000;
/** s */
const RETRY_AFTER_S = 1;

export type Done = Extract<OpAnswer, { ok: true }>;
type Refused = Extract<OpAnswer, { ok: false }>;

/**
 * What a full disk does not hold up: what ends or holds work. The rooms keep a reserve for its events, and of decisions they
 * take the denials.
 */
const WHEN_FULL: ReadonlySet<RoomCommand["type"]> = new Set([
  "run.cancel",
  "run.interrupt",
  "agent.pause",
  "answer.stop",
  "approval.decide",
  "approval.withdraw",
  "pattern.revoke",
  "stop.everything",
]);

/** The policy of a route that sends a command to a room of the company in the path. */
export function commandPolicy(type: RoomCommand["type"]): PolicyMiddleware {
  return policy({
    auth: "person",
    scope: "company",
    minRole: COMMAND_ROLE[type],
    mutates: true,
    whenFull: WHEN_FULL.has(type) ? "allow" : "refuse",
    // The room knows the command by its key, see commandId.
    repeat: "safe",
  });
}

/**
 * Sends a command as the caller and resolves when the room has stored what it did.
 * @param known messages it is about, which the room may not hold any more
 * @throws {ApiError} with the room's code and words
 */
export async function sendCommand(
  c: AppContext,
  party: Party,
  room: string,
  command: RoomCommand,
  known?: Message[],
): Promise<Done> {
  const { rooms, clock, disk } = c.get("services");
  const answer = await rooms.send(party, room, {
    id: await commandId(c),
    body: {
      op: "command",
      actor: roomActorOf(c),
      deadline: new Date(clock.now() + COMMAND_MS).toISOString(),
      command,
      known,
    },
  });
  if (answer.ok) return answer;
  // On a full disk a room cannot even note that the link came back, so it looks as if it were away: say what it really is.
  if (answer.code === "rooms_away" && (await disk.check()) === "full") throw storageFull();
  throw asRefusal(answer);
}

/**
 * The room remembers answers by this id for a day. With an `Idempotency-Key` it is the same for the same request, so a repeat
 * after a 503 finds what the first attempt did.
 */
async function commandId(c: AppContext): Promise<string> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return newId("cmd");
  const parts = [c.req.method, c.req.path, key, await c.req.text()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

const STATUS: Record<string, ContentfulStatusCode> = {
  invalid: 400,
  forbidden: 403,
  gone: 404,
  too_large: 413,
  too_many: 429,
  queue_full: 429,
};

/** What a room refuses, as an answer over HTTP. Codes without a status of their own are conflicts with the room's state. */
export function asRefusal({ code, message, retryable, winner }: Refused): ApiError {
  if (code === "not_found") return notFound();
  if (code === "storage_full") return storageFull();
  if (code === "rooms_away") return roomsAway();
  const status = retryable || code === "deadline" ? 503 : (STATUS[code] ?? 409);
  const retryAfterS = status === 503 || status === 429 ? RETRY_AFTER_S : undefined;
  return new ApiError(status, code, message, { details: winner && { winner }, retryAfterS });
}
