import type { CallPattern } from "../../../party/protocol/consent/schema.ts";
import { api, body, inCompany } from "../../lib/api.ts";

const approvals = inCompany.approvals[":approvalId"];
const agents = inCompany.agents[":agentId"];

type ApprovalDecision = { decision: "allow" | "deny" | "edit"; version: number; digest: string; note?: string | undefined };

/** What the screens of consent ask of the API, beside what goes to the company's room. */
export const needsApi = {
  /** One approval, also one the room has forgotten. */
  approval: (companyId: string, approvalId: string) => body(approvals.$get({ param: { companyId, approvalId } })),
  /** Decides an approval that the company's room does not hold: one of a private conversation. */
  decide: (companyId: string, approvalId: string, json: ApprovalDecision) =>
    body(approvals.decisions.$post({ param: { companyId, approvalId }, json })),
  /** Answers a question that the company's room does not hold. */
  answer: (companyId: string, questionId: string, value: string) =>
    body(inCompany.questions[":questionId"].answers.$post({ param: { companyId, questionId }, json: { value } })),
  /** What a pattern would have covered in the last 30 days. */
  coverage: (companyId: string, approvalId: string, pattern: CallPattern) =>
    body(approvals.coverage.$post({ param: { companyId, approvalId }, json: { pattern } })),
  later: async (companyId: string) => (await body(inCompany.needs.later.$get({ param: { companyId } }))).items,
  /** @param until ISO 8601; null takes it up again */
  putOff: (companyId: string, needId: string, until: string | null) =>
    inCompany.needs[":needId"].later.$put({ param: { companyId, needId }, json: { until } }),
  resume: (companyId: string, agentId: string) => agents.resume.$post({ param: { companyId, agentId } }),
  pause: (companyId: string, agentId: string) => agents.pause.$post({ param: { companyId, agentId }, json: {} }),
  stopEverything: (companyId: string) => inCompany["stop-everything"].$post({ param: { companyId } }),
  /** Asks an agent again what a failed run was asked. @returns the new run */
  async askAgain(companyId: string, agentId: string, runId: string): Promise<string> {
    const { items } = await api.runEvents(companyId, runId, 0);
    const asked = items.find((event) => event.type === "message.user" && event.via === "prompt");
    if (asked?.type !== "message.user") throw new Error("What this run was asked is not known any more. Ask it in the room.");
    const { text } = asked;
    const prompt = typeof text === "string" ? text : await api.refText(companyId, { kind: "run", id: runId }, text.ref);
    const { runId: started } = await body(agents.wake.$post({ param: { companyId, agentId }, json: { prompt } }));
    return started;
  },
};

export type Coverage = Awaited<ReturnType<typeof needsApi.coverage>>;
