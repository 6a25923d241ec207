/** What every journey stands on: an Atrium that runs, a company in it, and people who sit down at browsers. */
import { test as base } from "@playwright/test";
import { z } from "zod";
import { ApiClient } from "../../harness/api-client.ts";
import { type Instance, startInstance } from "../../harness/instance.ts";
import { DESK, type Device, Seat } from "./seat.ts";

/** What everybody signs up with. */
export const PASSWORD = "correct horse battery";

export { expect } from "@playwright/test";

/** An Atrium that is in use, with the two people most journeys are about. */
type Workplace = { instance: Instance; ana: ApiClient; bo: ApiClient };

/** A company of its own for each test. Ana owns it; Bo is in it as an operator. */
export type Office = { company: string; agent: string; ana: ApiClient; bo: ApiClient };

type TestFixtures = {
  office: Office;
  /** Opens a browser for a person, signed in; without a person for someone who is not. */
  sit: (who?: ApiClient, device?: Device, at?: Instance) => Promise<Seat>;
  /** Somebody with an account of their own, who is in the company as a member. */
  newcomer: (name: string) => Promise<ApiClient>;
  /** An Atrium that nobody has opened before. */
  fresh: Instance;
};

const invited = z.object({ companyId: z.string() });

export const test = base.extend<TestFixtures, { workplace: Workplace }>({
  workplace: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function asks for from this pattern
    async ({}, use) => {
      const instance = await startInstance();
      await instance.ready();
      const ana = await ApiClient.signUp(instance.url, "Ana", instance.ownerLink);
      const { id: first } = await ana.createCompany("Beginnings");
      const bo = await ApiClient.signUp(instance.url, "Bo", await ana.invite(first, "member"));
      await use({ instance, ana, bo });
      await instance.remove();
    },
    { scope: "worker", timeout: 150_000 },
  ],

  office: async ({ workplace: { ana, bo } }, use) => {
    const { id: company } = await ana.createCompany("Norden");
    const [guide] = await ana.agents(company);
    if (!guide) throw new Error("a new company has no agent");
    await join(bo, await ana.invite(company, "operator"));
    await use({ company, agent: guide.id, ana, bo });
  },

  newcomer: async ({ workplace: { instance }, office }, use) => {
    await use(async (name) => {
      // Journeys share the instance, and may call their people alike.
      const email = `${name.toLowerCase()}.${crypto.randomUUID().slice(0, 8)}@example.com`;
      return ApiClient.signUp(instance.url, name, await office.ana.invite(office.company, "member"), email);
    });
  },

  // biome-ignore lint/correctness/noEmptyPattern: as above
  fresh: async ({}, use) => {
    const instance = await startInstance();
    await instance.ready();
    await use(instance);
    await instance.remove();
  },

  sit: async ({ browser, workplace }, use, info) => {
    const seats: Seat[] = [];
    await use(async (who, device = DESK, at = workplace.instance) => {
      const seat = await Seat.take(browser, at.url, who, device);
      seats.push(seat);
      return seat;
    });
    if (info.status !== info.expectedStatus) await info.attach("logs", { body: workplace.instance.logs() });
    const broken = seats.flatMap((seat) => seat.errors);
    for (const seat of seats) await seat.leave();
    base.expect(broken, "errors of the page").toEqual([]);
  },
});

/** A person who has an account accepts an invite. */
export async function join(who: ApiClient, link: string): Promise<void> {
  const invite = new URL(link).searchParams.get("invite");
  await who.ask(invited, "POST", "/api/invites/accept", { invite });
}
