/** Approvals: read through from the company's room, decided by command. */
import { createRoute, z } from "@hono/zod-openapi";
import { APPROVAL_STATES, type Approval, approval } from "../../../../party/protocol/company.ts";
import { remember } from "../../../../party/protocol/consent/schema.ts";
import { laneOf } from "../../../../party/protocol/lanes.ts";
import { LIMITS } from "../../../../party/protocol/limits.ts";
import { ApiError, invalid, notFound } from "../../errors.ts";
import { cutPage, id, pageOf, pageQuery, version } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { commandPolicy, sendCommand } from "../commands.ts";
import { type ApprovalPlace, archivedApprovals } from "../company/archived.ts";
import { requireApproval, roomOfApproval, seekerOf } from "../company/one-approval.ts";
import { readCompany } from "../company/read-through.ts";
import { readRef } from "../refs.ts";

const PATH = "/api/companies/{companyId}/approvals";
const params = companyParams.extend({ approvalId: id });
const stale = z.literal(true).optional().openapi({ description: "the room is away and the archive answers" });
const see = policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false });
const outcome = z.object({
  seq: z.number().int(),
  state: z.enum(APPROVAL_STATES).optional(),
  heldUntil: z.string().optional().openapi({ description: "when a decision with a grace counts" }),
});

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Approvals, newest first",
  middleware: see,
  request: { params: companyParams, query: pageQuery.extend({ state: z.enum(APPROVAL_STATES).optional() }) },
  responses: { 200: answer(pageOf(approval).extend({ stale }), "A page of approvals") },
});

const get = createRoute({
  method: "get",
  path: `${PATH}/{approvalId}`,
  summary: "One approval",
  middleware: see,
  request: { params },
  responses: { 200: answer(approval.extend({ stale }), "The approval") },
});

const ref = createRoute({
  method: "get",
  path: `${PATH}/{approvalId}/refs/{ref}`,
  summary: "The whole of long arguments",
  middleware: see,
  request: { params: params.extend({ ref: id }) },
  responses: { 200: { description: "The arguments, as canonical JSON", content: { "text/plain": { schema: z.string() } } } },
});

const decide = createRoute({
  method: "post",
  path: `${PATH}/{approvalId}/decisions`,
  summary: "Decide an approval",
  description: "Name the version and the digest you saw. 409 with `details.winner` when somebody else was first.",
  middleware: commandPolicy("approval.decide"),
  request: {
    params,
    body: jsonBody(
      z.object({
        decision: z.enum(["allow", "deny", "edit"]),
        version,
        digest: z.string().length(64),
        note: z.string().max(2_000).optional(),
        input: z.string().max(LIMITS.textBytes).optional().openapi({ description: "the new arguments, with `edit`" }),
        remember: remember.optional().openapi({ description: "whether the allow counts again; patterns are in `/patterns`" }),
        graceMs: z
          .number()
          .int()
          .min(1)
          .max(LIMITS.decisionGraceMs)
          .optional()
          .openapi({ description: "ms in which it can be withdrawn before it counts" }),
      }),
    ),
  },
  responses: { 200: answer(outcome, "How the approval stands; the same decision again gets the first answer") },
});

const withdraw = createRoute({
  method: "post",
  path: `${PATH}/{approvalId}/withdrawals`,
  summary: "Take back a decision that does not count yet",
  middleware: commandPolicy("approval.withdraw"),
  request: { params },
  responses: { 200: answer(outcome, "Taken back; 409 when it counts already") },
});

const claim = createRoute({
  method: "post",
  path: `${PATH}/{approvalId}/claim`,
  summary: "Say that you are looking at it",
  middleware: commandPolicy("approval.claim"),
  request: { params },
  responses: { 200: answer(outcome, "Claimed") },
});

const release = createRoute({
  method: "post",
  path: `${PATH}/{approvalId}/release`,
  summary: "Let go of a claim",
  middleware: commandPolicy("approval.release"),
  request: { params },
  responses: { 200: answer(outcome, "Released") },
});

const SEPARATOR = "~";
const placeOf = ({ createdAt, id: approvalId }: ApprovalPlace) => `${createdAt}${SEPARATOR}${approvalId}`;

function parsePlace(cursor: string | undefined): ApprovalPlace | undefined {
  if (cursor === undefined) return undefined;
  const [createdAt, approvalId] = cursor.split(SEPARATOR);
  if (!createdAt || !approvalId) throw invalid("cursor", "This cursor is not one of ours.");
  return { createdAt, id: approvalId };
}

function notInPrivate(): ApiError {
  const message = "What was asked in a private conversation can be allowed once or for its run, not for other conversations.";
  return new ApiError(422, "not_supported", message);
}

const newestFirst = (a: Approval, b: Approval) => (placeOf(a) < placeOf(b) ? 1 : -1);

export function approvalRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { read, rooms } = c.get("services");
      const seeker = seekerOf(c);
      const { state, limit, cursor } = c.req.valid("query");
      const below = parsePlace(cursor);
      const live = await readCompany(rooms, seeker.company);
      const known = live?.approvals ?? {};
      const wanted = (one: Approval) => (state === undefined || one.state === state) && (!below || placeOf(one) < placeOf(below));
      // What the room knows of an approval is newer than what the archive does.
      const archived = await archivedApprovals(read, seeker, { state, below, limit: limit + 1 + Object.keys(known).length });
      const merged = [...Object.values(known).filter(wanted), ...archived.filter((one) => !known[one.id])].sort(newestFirst);
      return c.json({ ...cutPage(merged, limit, placeOf), stale: live ? undefined : (true as const) }, 200);
    })
    .openapi(get, async (c) => {
      const { found, stale: isStale } = await requireApproval(c, c.req.valid("param").approvalId);
      return c.json({ ...found, stale: isStale ? (true as const) : undefined }, 200);
    })
    .openapi(ref, async (c) => {
      const { approvalId, ref: name } = c.req.valid("param");
      const { found, room } = await requireApproval(c, approvalId);
      // The reference must be this approval's own: every other one of the room belongs to another.
      if (typeof found.input === "string" || found.input.ref !== name) throw notFound();
      return c.text(await readRef(c.get("services"), "company", room, name), 200);
    })
    .openapi(decide, async (c) => {
      const approvalId = c.req.valid("param").approvalId;
      const decision = c.req.valid("json");
      const room = await roomOfApproval(c, approvalId);
      // Nobody could see or revoke a pattern that only a private conversation knows.
      if (laneOf(room) && typeof decision.remember === "object") throw notInPrivate();
      const { seq, result } = await sendCommand(c, "company", room, {
        type: "approval.decide",
        approval: approvalId,
        ...decision,
      });
      return c.json(outcome.parse({ ...result, seq }), 200);
    })
    .openapi(withdraw, async (c) => {
      const approvalId = c.req.valid("param").approvalId;
      const { seq, result } = await sendCommand(c, "company", await roomOfApproval(c, approvalId), {
        type: "approval.withdraw",
        approval: approvalId,
      });
      return c.json(outcome.parse({ ...result, seq }), 200);
    })
    .openapi(claim, async (c) => {
      const approvalId = c.req.valid("param").approvalId;
      const { seq } = await sendCommand(c, "company", await roomOfApproval(c, approvalId), {
        type: "approval.claim",
        approval: approvalId,
      });
      return c.json({ seq }, 200);
    })
    .openapi(release, async (c) => {
      const approvalId = c.req.valid("param").approvalId;
      const { seq } = await sendCommand(c, "company", await roomOfApproval(c, approvalId), {
        type: "approval.release",
        approval: approvalId,
      });
      return c.json({ seq }, 200);
    });
}
