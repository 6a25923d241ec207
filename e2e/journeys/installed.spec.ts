/** Atrium as an app of a device: kept for times without a network, reached by pushes, opened by its address in the home network. */
import { ApiClient } from "../harness/api-client.ts";
import { startInstance } from "../harness/instance.ts";
import { expectAccessible } from "./support/accessible.ts";
import { lines, shell } from "./support/scripts.ts";
import { DESK, type Device, PHONE, type Seat } from "./support/seat.ts";
import { beginTalk, hireAgent, Talk } from "./support/talk.ts";
import { expect, PASSWORD, test } from "./support/test.ts";
import { deliverPush, installedWorker, pressNote, shownNotes } from "./support/worker.ts";

const WITH_WORKER: Device = { ...DESK, serviceWorkers: "allow", permissions: ["notifications"] };

const outOfReach = ({ page }: Seat) => page.getByRole("heading", { name: "Atrium is out of reach" });

test("opened without a network it says so at once, and comes back by itself", async ({ office, sit }) => {
  const ana = await sit(office.ana, WITH_WORKER);
  await ana.open(office);
  await installedWorker(ana);
  await ana.composer.fill("A half-written thought");

  await ana.context.setOffline(true);
  await ana.page.reload();
  await expect(outOfReach(ana)).toBeVisible({ timeout: 1_500 });
  await expect(ana.page.getByText(/^This device has been offline since \d\d:\d\d:\d\d\. Drafts are kept/)).toBeVisible();
  await expect(ana.page).toHaveTitle("Out of reach - Atrium");
  await expectAccessible(ana, "out of reach");
  const loaded = await ana.loadedAt();
  await ana.button("Try now").click();
  await expect(outOfReach(ana), "asking in vain changes nothing").toBeVisible();

  await ana.context.setOffline(false);
  await ana.entered();
  await expect(ana.composer).toHaveValue("A half-written thought");
  expect(await ana.loadedAt(), "nobody reloaded").toBe(loaded);
});

test("a server that does not answer is asked again until it does, with nobody pressing anything", async ({ office, sit }) => {
  const ana = await sit(office.ana, PHONE);
  await ana.page.route("**/api/**", (route) => route.abort());
  await ana.page.goto(`/c/${office.company}/agents/${office.agent}`);
  await expect(outOfReach(ana)).toBeVisible();
  await expect(ana.page.getByText(/^It has not answered since/)).toBeVisible();
  await ana.page.unroute("**/api/**");
  await ana.entered();
});

test("a push is shown, and its press leads the open page to the card it is about", async ({ office, sit }) => {
  const scout = await hireAgent(office.ana, office.company, "Scout");
  await office.ana.wake(office.company, office.agent, lines("First", shell("echo first")));
  await office.ana.wake(office.company, scout, lines("Second", shell("echo second")));
  const waiting = async () => (await office.ana.approvals(office.company)).items;
  await expect.poll(async () => (await waiting()).length).toBe(2);
  const asked = (await waiting()).find(({ agentName }) => agentName === "Scout");
  if (!asked) throw new Error("Scout did not ask");

  const ana = await sit(office.ana, WITH_WORKER);
  await ana.open(office);
  const worker = await installedWorker(ana);
  const loaded = await ana.loadedAt();
  const path = `/c/${office.company}/needs?card=${asked.id}`;
  const title = "Scout asks for your consent";
  await deliverPush(ana, { title, body: "Norden", url: path, tag: asked.id, action: "Open" });
  await expect.poll(() => shownNotes(ana)).toEqual([{ title, body: "Norden" }]);

  await pressNote(worker);
  await expect(ana.page).toHaveURL(path);
  await expect(ana.page.locator(".detail").getByText("echo second", { exact: true })).toBeVisible();
  await expect.poll(() => shownNotes(ana), "it is gone once pressed").toEqual([]);
  expect(await ana.loadedAt(), "nothing was loaded anew").toBe(loaded);
});

test("a phone works by the plain address in the home network", async ({ sit }) => {
  test.setTimeout(150_000);
  const instance = await startInstance({ env: { HOST: "0.0.0.0" } });
  try {
    await instance.ready();
    const ana = await sit(undefined, { ...PHONE, serviceWorkers: "allow" }, instance);
    await ana.page.goto(instance.ownerLink ?? "");
    expect(await ana.page.evaluate(() => isSecureContext), `${instance.url} is none that browsers trust`).toBe(false);
    await ana.page.getByLabel("Your name").fill("Ana");
    await ana.page.getByLabel("Email").fill("ana@example.com");
    await ana.page.getByLabel("Password").fill(PASSWORD);
    await ana.button("Make account").tap();
    await ana.page.getByLabel("Name", { exact: true }).fill("Home");
    await ana.button("Open the Floor").tap();
    await expect(ana.page).toHaveURL(/\/c\/co_/);

    const company = new URL(ana.page.url()).pathname.split("/")[2] ?? "";
    const me = await ApiClient.signIn(instance.url, "Ana");
    const [guide] = await me.agents(company);
    const agent = guide?.id ?? "";
    const talk = new Talk(ana, company, await beginTalk(me, company, { agentId: agent }));
    await talk.open();
    await talk.say(lines("Hello", "@say Good morning."));
    await expect(talk.answer("Guide", "Good morning.")).toBeVisible();

    await ana.open({ company, agent });
    await ana.say(lines("Look around", shell("echo home"), "@say Done."));
    await ana.allow.tap();
    await expect(ana.gate.getByText("Allowed by Ana, it ran")).toBeVisible();
    await expect(ana.ended("Finished")).toBeVisible();
  } finally {
    await instance.remove();
  }
});
