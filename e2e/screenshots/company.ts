/** The small company in the pictures: its people, its agents, and how they come to a model. */
import { z } from "zod";
import type { FakeModelServer } from "../fakes/models/server.ts";
import { ApiClient } from "../harness/api-client.ts";
import type { Instance } from "../harness/instance.ts";

const withId = z.object({ id: z.string() });
const agentRow = withId.extend({ version: z.number() });
const tested = z.object({ ok: z.literal(true) }).loose();

export type Company = {
  company: string;
  /** owner */
  ana: ApiClient;
  /** operator */
  bo: ApiClient;
  guide: string;
};
export type Staffed = Company & { scout: string; quill: string };

/** The people, and the agent that is there from the start; no key yet. */
export async function found(instance: Instance): Promise<Company> {
  const ana = await ApiClient.signUp(instance.url, "Ana", instance.ownerLink);
  await ana.ask(z.unknown(), "PATCH", "/api/me", { timezone: "Europe/Berlin" });
  const { id: company } = await ana.createCompany("Northwind Studio");
  const bo = await ApiClient.signUp(instance.url, "Bo", await ana.invite(company, "operator"));
  await bo.ask(z.unknown(), "PATCH", "/api/me", { timezone: "Europe/Berlin" });
  await ApiClient.signUp(instance.url, "Mia", await ana.invite(company, "member"));
  const [guide] = await ana.agents(company);
  if (!guide) throw new Error("a new company has no agent");
  return { company, ana, bo, guide: guide.id };
}

/** A key that works, and two more agents. */
export async function staff(office: Company, provider: FakeModelServer, key: string): Promise<Staffed> {
  const { ana, company, guide } = office;
  const base = `/api/companies/${company}`;
  const asked = { kind: "anthropic", name: "Anthropic", baseUrl: provider.url, key };
  const { id } = await ana.ask(withId, "POST", `${base}/providers`, asked);
  await ana.ask(tested, "POST", `${base}/providers/${id}/test`);
  const { version } = await ana.ask(agentRow, "GET", `${base}/agents/${guide}`);
  await ana.ask(agentRow, "PATCH", `${base}/agents/${guide}`, { model: "balanced", version });
  const hire = async (name: string, title: string): Promise<string> =>
    (await ana.ask(withId, "POST", `${base}/agents`, { name, title, model: "balanced" })).id;
  return { ...office, scout: await hire("Scout", "Research and figures"), quill: await hire("Quill", "Writes for customers") };
}
