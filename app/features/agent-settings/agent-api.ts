import { queryOptions } from "@tanstack/react-query";
import { body, inCompany } from "../../lib/api.ts";

const ofAgent = inCompany.agents[":agentId"];

type Change = Parameters<typeof ofAgent.$patch>[0]["json"];

/** What the settings of an agent ask of the API. */
export const agentApi = {
  get: (companyId: string, agentId: string) => body(ofAgent.$get({ param: { companyId, agentId } })),
  change: (companyId: string, agentId: string, json: Change) => body(ofAgent.$patch({ param: { companyId, agentId }, json })),
  pause: (companyId: string, agentId: string) => body(ofAgent.pause.$post({ param: { companyId, agentId }, json: {} })),
  resume: (companyId: string, agentId: string) => body(ofAgent.resume.$post({ param: { companyId, agentId } })),
  retire: (companyId: string, agentId: string) => ofAgent.$delete({ param: { companyId, agentId } }),
};

export type AgentRecord = Awaited<ReturnType<typeof agentApi.get>>;

export const agentQuery = (company: string, agent: string) =>
  queryOptions({ queryKey: ["agent", company, agent], queryFn: () => agentApi.get(company, agent) });
