/** A company to work in: its owner, a colleague, the agent that every company starts with. */
import { ApiClient } from "./api-client.ts";
import type { Instance } from "./instance.ts";

export type Office = {
  company: string;
  /** the agent "Guide" */
  agent: string;
  owner: ApiClient;
};

/** Makes the first account and a company with it. Works once per instance. */
export async function foundCompany(instance: Instance, name = "Ana"): Promise<Office> {
  const owner = await ApiClient.signUp(instance.url, name, instance.ownerLink);
  const { id: company } = await owner.createCompany("Norden");
  const [guide] = await owner.agents(company);
  if (!guide) throw new Error("a new company has no agent");
  return { company, agent: guide.id, owner };
}

/** A second person, invited by link. */
export async function inviteColleague(instance: Instance, office: Office, name: string, role: string): Promise<ApiClient> {
  return ApiClient.signUp(instance.url, name, await office.owner.invite(office.company, role));
}

/** A conversation in which people talk and nobody is woken. */
export async function quietSession({ owner, company, agent }: Office): Promise<string> {
  const { id } = await owner.createSession(company, agent);
  await owner.takeOver(company, id);
  return id;
}
