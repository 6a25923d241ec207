/** What agents may do again unasked: the list, what a pattern would have covered, and its end. */
import { createRoute, z } from "@hono/zod-openapi";
import { describeCall } from "../../../../party/protocol/agent-state.ts";
import { inlineText } from "../../../../party/protocol/common.ts";
import { APPROVAL_STATES, type Approval } from "../../../../party/protocol/company.ts";
import { covers, whyNoPatternFor, whyOnlyOnce } from "../../../../party/protocol/consent/cover.ts";
import { type CallPattern, callPattern, rememberedPattern } from "../../../../party/protocol/consent/schema.ts";
import { patternWords } from "../../../../party/protocol/consent/suggest.ts";
import { membershipOf } from "../../context.ts";
import { roomsAway } from "../../errors.ts";
import { id } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { commandPolicy, sendCommand } from "../commands.ts";
import { approvalsLike } from "../company/archived.ts";
import { requireApproval } from "../company/one-approval.ts";
import { readCompany } from "../company/read-through.ts";

const PATH = "/api/companies/{companyId}/patterns";
const see = policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false });

/** ms; long enough to hold a month's habits, short enough to be what they still are */
const LOOK_BACK_MS = 30 * 24 * 3_600_000;
/** approvals that are looked at, the newest: a count beyond says no more */
const LOOK_AT = 500;
/** of those covered, how many are listed */
const SHOWN = 20;

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Remembered patterns, newest first",
  middleware: see,
  request: { params: companyParams },
  responses: {
    200: answer(
      z.object({ items: z.array(rememberedPattern.extend({ words: z.string() }).openapi("RememberedPattern")) }),
      "All that count now; `words` is the pattern as people read it",
    ),
  },
});

const revoke = createRoute({
  method: "delete",
  path: `${PATH}/{patternId}`,
  summary: "End a pattern: from now on it is asked again",
  middleware: commandPolicy("pattern.revoke"),
  request: { params: companyParams.extend({ patternId: id }) },
  responses: { 200: answer(z.object({ seq: z.number().int() }), "Stored by the company's room") },
});

const past = z.object({
  id,
  run: id,
  runTitle: z.string(),
  call: z.string().openapi({ description: "the call in one line" }),
  state: z.enum(APPROVAL_STATES),
  createdAt: z.string(),
});

const coverage = createRoute({
  method: "post",
  path: "/api/companies/{companyId}/approvals/{approvalId}/coverage",
  summary: "What a pattern would have covered",
  description: "Compares a pattern with what this agent asked of the same tool in the last 30 days. Changes nothing.",
  middleware: see,
  request: {
    params: companyParams.extend({ approvalId: id }),
    body: jsonBody(z.object({ pattern: callPattern })),
  },
  responses: {
    200: answer(
      z.object({
        why: z
          .string()
          .optional()
          .openapi({ description: "why the pattern cannot be given on this approval; absent where it can" }),
        since: z.string(),
        asked: z.number().int().openapi({ description: "asks looked at, this one not counted" }),
        covered: z.number().int(),
        more: z.boolean().openapi({ description: "older asks of these days were not looked at" }),
        items: z.array(past).openapi({ description: "the newest of those covered" }),
      }),
      "How many asks it would have spared, and which",
    ),
  },
});

/** Why a pattern cannot be given on an approval, in the words in which the room would refuse it. */
function whyNot(found: Approval, pattern: CallPattern, config: { fourEyes: boolean } | undefined): string | undefined {
  const call = { tool: found.tool, cwd: found.cwd, input: inlineText(found.input) };
  const why = whyOnlyOnce(found, config) ?? whyNoPatternFor(call, found.risk);
  return why ?? (covers(pattern, call) ? undefined : "That pattern does not cover this call.");
}

export function patternRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const live = await readCompany(c.get("services").rooms, membershipOf(c).company);
      if (!live) throw roomsAway();
      const items = Object.values(live.patterns)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .map((one) => ({ ...one, words: patternWords(one.pattern) }));
      return c.json({ items }, 200);
    })
    .openapi(revoke, async (c) => {
      const { seq } = await sendCommand(c, "company", membershipOf(c).company, {
        type: "pattern.revoke",
        pattern: c.req.valid("param").patternId,
      });
      return c.json({ seq }, 200);
    })
    .openapi(coverage, async (c) => {
      const { read, clock, rooms } = c.get("services");
      const { company } = membershipOf(c);
      const { pattern } = c.req.valid("json");
      const { found } = await requireApproval(c, c.req.valid("param").approvalId);
      const since = new Date(clock.now() - LOOK_BACK_MS).toISOString();
      const { agent, tool, cwd, risk } = found;
      const rows = await approvalsLike(read, company, { agent, tool, since, limit: LOOK_AT + 1 });
      const others = rows.slice(0, LOOK_AT).filter((one) => one.id !== found.id);
      const covered = others.filter(
        ({ input, ...one }) =>
          typeof input === "string" && one.cwd === cwd && one.risk === risk && covers(pattern, { tool, cwd, input }),
      );
      const items = covered.slice(0, SHOWN).map(({ id: approval, run, runTitle, input, state, createdAt }) => {
        return { id: approval, run, runTitle, call: describeCall("", inlineText(input)).trim(), state, createdAt };
      });
      const why = whyNot(found, pattern, (await readCompany(rooms, company))?.config);
      const counts = { asked: others.length, covered: covered.length, more: rows.length > LOOK_AT };
      return c.json({ why, since, ...counts, items }, 200);
    });
}
