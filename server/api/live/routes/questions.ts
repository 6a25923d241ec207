/** Questions of agents, answered in place. They live in the company's room; the archive is asked while it is away. */
import { createRoute, z } from "@hono/zod-openapi";
import { type Question, question } from "../../../../party/protocol/company.ts";
import { type AppContext, identityOf, membershipOf } from "../../context.ts";
import { id } from "../../fields.ts";
import { policy } from "../../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../../router.ts";
import { commandPolicy, sendCommand } from "../commands.ts";
import { archivedQuestions } from "../company/archived.ts";
import { readCompany } from "../company/read-through.ts";
import { annexesOf } from "../sessions/visible.ts";

const PATH = "/api/companies/{companyId}/questions";

/** private conversations whose questions are looked at: those of the person with the newest talk */
const ANNEXES_ASKED = 20;

const list = createRoute({
  method: "get",
  path: PATH,
  summary: "Questions of agents, newest first",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams, query: z.object({ state: z.enum(["open", "answered", "cancelled"]).optional() }) },
  responses: {
    200: answer(
      z.object({ items: z.array(question), stale: z.literal(true).optional() }),
      "Open ones and the newest settled ones; `stale` when the room is away and the archive answers",
    ),
  },
});

const reply = createRoute({
  method: "post",
  path: `${PATH}/{questionId}/answers`,
  summary: "Answer a question",
  description: "409 names who answered first.",
  middleware: commandPolicy("question.answer"),
  request: {
    params: companyParams.extend({ questionId: id }),
    body: jsonBody(z.object({ value: z.string().min(1).max(16_000) })),
  },
  responses: { 200: answer(z.object({ seq: z.number().int() }), "Stored by the company's room") },
});

/** The company's room, or the annex of a private conversation in which it was asked. */
async function roomOfQuestion(c: AppContext, question: string): Promise<string> {
  const { read, rooms } = c.get("services");
  const { company } = membershipOf(c);
  for (const room of await annexesOf(read, company, identityOf(c).user.id, ANNEXES_ASKED)) {
    if ((await readCompany(rooms, room))?.questions[question]) return room;
  }
  return company;
}

export function questionRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { company } = membershipOf(c);
      const { state } = c.req.valid("query");
      const services = c.get("services");
      const live = await readCompany(services.rooms, company);
      const annexes = await annexesOf(services.read, company, identityOf(c).user.id, ANNEXES_ASKED);
      const known: Question[] = [
        ...(live ? Object.values(live.questions) : []),
        ...(live && annexes.length === 0 ? [] : await archivedQuestions(services.read, live ? annexes : [company, ...annexes])),
      ];
      const items = known.filter((one) => state === undefined || one.state === state).sort((a, b) => (a.id < b.id ? 1 : -1));
      return c.json({ items, stale: live ? undefined : (true as const) }, 200);
    })
    .openapi(reply, async (c) => {
      const { questionId } = c.req.valid("param");
      const { seq } = await sendCommand(c, "company", await roomOfQuestion(c, questionId), {
        type: "question.answer",
        question: questionId,
        value: c.req.valid("json").value,
      });
      return c.json({ seq }, 200);
    });
}
