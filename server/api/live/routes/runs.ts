/** Runs: the list, one run, its events, and what people say to it. */
import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { assertNever } from "../../../../party/protocol/assert.ts";
import { type RoomCommand, text } from "../../../../party/protocol/commands.ts";
import { OUTCOMES, RUN_STATES } from "../../../../party/protocol/run-events.ts";
import { roomKey } from "../../../rooms/client/link-pool.ts";
import { type AppContext, identityOf } from "../../context.ts";
import { ApiError, invalid, roomsAway } from "../../errors.ts";
import { cutPage, id, pageOf, pageQuery } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { commandPolicy, type Done, sendCommand } from "../commands.ts";
import { readRef } from "../refs.ts";
import { runEvents, storedEvent } from "../runs/events.ts";
import { type FoundRun, findRun, showRun } from "../runs/find.ts";
import { listRuns, type RunPlace } from "../runs/list.ts";
import { requireRun, seekerOf, stillSees } from "../runs/seen.ts";
import { runShape } from "../runs/shape.ts";
import { streamRun } from "../runs/stream.ts";
import { liveOf } from "../state.ts";
import { runExportRoutes } from "./run-export.ts";

/** s */
const STREAM_RETRY_S = 5;

const PATH = "/api/companies/{companyId}/runs";
const params = companyParams.extend({ runId: id });
const see = policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false });
const told = answer(z.object({ seq: z.number().int(), steer: id.optional() }), "Stored by the agent's room");

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Runs, newest first",
  middleware: see,
  request: {
    params: companyParams,
    query: pageQuery.extend({
      agent: id.optional(),
      session: id.optional(),
      by: id.optional().openapi({ description: "id of the person who asked for it" }),
      state: z.enum(RUN_STATES).optional(),
      outcome: z.enum(OUTCOMES).optional(),
      from: z.iso.datetime().optional().openapi({ description: "queued at or after" }),
      to: z.iso.datetime().optional().openapi({ description: "queued before" }),
      q: z
        .string()
        .trim()
        .min(1)
        .max(200)
        .optional()
        .openapi({ description: "words of the title, the prompts, the steps or the result" }),
    }),
  },
  responses: { 200: answer(pageOf(runShape).extend({ stale: z.literal(true).optional() }), "A page of runs") },
});

const get = createRoute({
  method: "get",
  path: `${PATH}/{runId}`,
  summary: "One run, live while it lives",
  middleware: see,
  request: { params },
  responses: { 200: answer(runShape, "The run") },
});

const events = createRoute({
  method: "get",
  path: `${PATH}/{runId}/events`,
  summary: "The events of a run, oldest first",
  description: "As JSON, or as server-sent events that go on until the run ends (`Accept: text/event-stream`, `Last-Event-ID`).",
  middleware: see,
  request: {
    params,
    query: z.object({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1_000).default(500),
    }),
    headers: z.object({ "last-event-id": z.coerce.number().int().min(0).optional() }),
  },
  responses: {
    200: {
      description: "Events above `after`; `nextCursor` is the next `after` while there are more",
      content: {
        "application/json": { schema: pageOf(storedEvent).extend({ stale: z.literal(true).optional() }) },
        "text/event-stream": { schema: z.string() },
      },
    },
  },
});

const ref = createRoute({
  method: "get",
  path: `${PATH}/{runId}/refs/{ref}`,
  summary: "The whole of a text that an event only begins",
  middleware: see,
  request: { params: params.extend({ ref: id }) },
  responses: { 200: { description: "The text", content: { "text/plain": { schema: z.string() } } } },
});

const steer = createRoute({
  method: "post",
  path: `${PATH}/{runId}/steer`,
  summary: "Say something to a run before its next step",
  middleware: commandPolicy("run.steer"),
  request: { params, body: jsonBody(z.object({ text })) },
  responses: { 202: told },
});

const interrupt = createRoute({
  method: "post",
  path: `${PATH}/{runId}/interrupt`,
  summary: "End the current turn; the run waits for a follow-up",
  middleware: commandPolicy("run.interrupt"),
  request: { params },
  responses: { 202: told },
});

const cancel = createRoute({
  method: "post",
  path: `${PATH}/{runId}/cancel`,
  summary: "End a run",
  middleware: commandPolicy("run.cancel"),
  request: { params },
  responses: { 202: told },
});

async function tell(c: AppContext, run: string, command: RoomCommand): Promise<Done> {
  const { room } = await requireRun(c, run);
  return sendCommand(c, "agent", room, command);
}

const SEPARATOR = "~";
const placeOf = ({ queuedAt, id: run }: RunPlace) => `${queuedAt}${SEPARATOR}${run}`;

function parsePlace(cursor: string | undefined): RunPlace | undefined {
  if (cursor === undefined) return undefined;
  const [queuedAt, run] = cursor.split(SEPARATOR);
  if (!queuedAt || !run) throw invalid("cursor", "This cursor is not one of ours.");
  return { queuedAt, id: run };
}

/** @throws 429 when the caller has too many streams open, 503 when all people together have */
function takeSlot(c: AppContext): () => void {
  const slot = liveOf(c.get("services")).streams.take(identityOf(c).user.id);
  switch (slot.kind) {
    case "open":
      return slot.release;
    case "person_full":
      throw new ApiError(429, "too_many_streams", "You have too many event streams open. Close some, or read page by page.", {
        retryAfterS: STREAM_RETRY_S,
      });
    case "full":
      throw new ApiError(503, "too_many_streams", "Too many event streams are open. Read the events page by page.", {
        retryAfterS: STREAM_RETRY_S,
      });
    default:
      return assertNever(slot);
  }
}

/** Events as a stream of the same connection, until the run ends. */
function stream(c: AppContext, found: FoundRun, after: number) {
  const services = c.get("services");
  const live = liveOf(services);
  const release = takeSlot(c);
  const { run } = found;
  const seeker = seekerOf(c);
  return streamSSE(c, async (sse) => {
    const gone = new AbortController();
    sse.onAbort(() => gone.abort());
    const streamed = streamRun(
      sse,
      {
        archived: live.archived,
        room: roomKey({ party: "agent", room: found.room }),
        next: async (from, limit) => {
          const now = await findRun(services.read, services.rooms, seeker, run);
          return now ? runEvents(services.read, services.rooms, now, from, limit) : { events: [], end: "away" };
        },
        allowed: () => stillSees(c, found),
        now: () => services.clock.now(),
      },
      after,
      AbortSignal.any([gone.signal, live.closing.signal]),
    );
    await streamed.finally(release);
  });
}

export function runRoutes() {
  return newRouter()
    .route("/", runExportRoutes())
    .openapi(list, async (c) => {
      const { read, rooms } = c.get("services");
      const { limit, cursor, ...filter } = c.req.valid("query");
      const place = { below: parsePlace(cursor), limit: limit + 1 };
      const { runs, stale } = await listRuns(read, rooms, seekerOf(c), filter, place);
      return c.json({ ...cutPage(runs, limit, placeOf), stale: stale || undefined }, 200);
    })
    .openapi(get, async (c) => {
      const { rooms } = c.get("services");
      const run = await showRun(rooms, await requireRun(c, c.req.valid("param").runId));
      if (!run) throw roomsAway();
      return c.json(run, 200);
    })
    .openapi(events, async (c) => {
      const { read, rooms } = c.get("services");
      const found = await requireRun(c, c.req.valid("param").runId);
      const { after, limit } = c.req.valid("query");
      if (c.req.header("accept")?.includes("text/event-stream")) {
        return stream(c, found, c.req.valid("header")["last-event-id"] ?? after);
      }
      const slice = await runEvents(read, rooms, found, after, limit);
      const nextCursor = slice.end === "more" ? String(slice.events.at(-1)?.seq ?? after) : null;
      return c.json({ items: slice.events, nextCursor, stale: slice.end === "away" ? (true as const) : undefined }, 200);
    })
    .openapi(ref, async (c) => {
      const { runId, ref: name } = c.req.valid("param");
      const { room } = await requireRun(c, runId);
      return c.text(await readRef(c.get("services"), "agent", room, name), 200);
    })
    .openapi(steer, async (c) => {
      const { runId } = c.req.valid("param");
      const { seq, result } = await tell(c, runId, { type: "run.steer", run: runId, text: c.req.valid("json").text });
      return c.json({ seq, steer: id.optional().parse(result?.steer) }, 202);
    })
    .openapi(interrupt, async (c) => {
      const { runId } = c.req.valid("param");
      const { seq } = await tell(c, runId, { type: "run.interrupt", run: runId });
      return c.json({ seq }, 202);
    })
    .openapi(cancel, async (c) => {
      const { runId } = c.req.valid("param");
      const { seq } = await tell(c, runId, { type: "run.cancel", run: runId });
      return c.json({ seq }, 202);
    });
}
