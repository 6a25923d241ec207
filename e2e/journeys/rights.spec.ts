import { lines, shell } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

/** ms in which a reduction of rights reaches every room a person is in */
const RIGHTS_MS = 2_000;

test("somebody who is removed is told within two seconds and sees nothing more", async ({ office, newcomer, sit }) => {
  const ana = await sit(office.ana);
  const finn = await sit(await newcomer("Finn"), PHONE);
  await finn.open(office);
  await ana.page.goto(`/c/${office.company}/settings/members`);
  await ana.button("Role of Finn: member").click();
  const gone = finn.page.getByText(/You are not in this company|Your rights here changed/).first();
  await ana.page.getByRole("menuitem", { name: "Remove from the company" }).click();
  await expect(gone).toBeVisible({ timeout: RIGHTS_MS });

  const run = await office.ana.wake(office.company, office.agent, "After\n@say Not for Finn.");
  await ana.open(office);
  await expect(ana.ended("Finished")).toBeVisible();
  await expect(finn.page.getByText("Not for Finn.")).toBeHidden();
  await finn.page.goto(`/c/${office.company}/agents/${office.agent}/runs/${run}`);
  await expect(finn.page.getByText("You are not in this company")).toBeVisible();
  await expect(finn.page.getByText("Not for Finn.")).toBeHidden();
});

test("a foreign company and one that never was look the same", async ({ office, sit }) => {
  const { id: foreign } = await office.ana.createCompany("Of others");
  const bo = await sit(office.bo);
  for (const company of [foreign, "co_00000000000000000000000000"]) {
    await bo.page.goto(`/c/${company}`);
    await expect(bo.page.getByRole("heading", { name: "You are not in this company" })).toBeVisible();
    await expect(bo.page.getByText("Of others")).toBeHidden();
  }
  const [theirs] = await office.ana.agents(foreign);
  for (const agent of [theirs?.id ?? "", "ag_00000000000000000000000000"]) {
    await bo.page.goto(`/c/${office.company}/agents/${agent}`);
    await expect(bo.page.getByText("You cannot enter this room.")).toBeVisible();
  }
  await bo.page.goto("/no/such/page");
  await expect(bo.page.getByRole("heading", { name: "There is nothing at this address" })).toBeVisible();
});

test("a viewer sees the work, and what they may not do says why", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  const member = `/api/companies/${office.company}/members/${office.bo.person}`;
  expect((await office.ana.raw("PATCH", member, { role: "viewer" })).status).toBe(200);
  for (const seat of [ana, bo]) await seat.open(office);
  await expect(bo.button("Start a run")).toHaveAccessibleDescription("Viewers see; members ask");
  await ana.say(lines("Look around", shell("echo seen"), "@say Over."));
  await expect(bo.gate.getByText("Deciding this needs the role operator; you are viewer")).toBeVisible();
  await expect(bo.allow).toHaveAttribute("aria-disabled", "true");
  await bo.allow.tap({ force: true });
  await ana.allow.click();
  for (const seat of [ana, bo]) {
    await expect(seat.gate.getByText("Allowed by Ana, it ran")).toBeVisible();
    await expect(seat.ended("Finished")).toBeVisible();
  }
});

test("a link to an earlier run shows that run, and the way to the newest", async ({ office, sit }) => {
  const first = await office.ana.wake(office.company, office.agent, "Then\n@say Said before.");
  await office.ana.wake(office.company, office.agent, "Now\n@say Said after.");
  const bo = await sit(office.bo, PHONE);
  await bo.open(office);
  await expect(bo.written("Said after.")).toBeVisible();
  await bo.page.goto(`/c/${office.company}/agents/${office.agent}/runs/${first}`);
  await expect(bo.written("Said before.")).toBeVisible();
  await expect(bo.written("Said after.")).toBeHidden();
  await bo.button("Go to the newest").tap();
  await expect(bo.written("Said after.")).toBeVisible();
});
