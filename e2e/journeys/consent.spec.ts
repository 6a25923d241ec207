/** Consent that does not tire: asked once, remembered as long as was said, and decided whenever a person comes back. */
import type { Locator } from "@playwright/test";
import { z } from "zod";
import { ApiClient } from "../harness/api-client.ts";
import { startInstance } from "../harness/instance.ts";
import { lines, shell } from "./support/scripts.ts";
import { DESK, PHONE, type Seat } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

/** Opens “Needs you” and waits until it shows what is there. */
async function needs(seat: Seat, company: string): Promise<void> {
  await seat.page.goto(`/c/${company}/needs`);
  await expect(seat.page.getByRole("group", { name: "Filter" })).toBeVisible();
}

const rows = (seat: Seat): Locator => seat.page.getByRole("listbox", { name: "Needs you" }).getByRole("option");
const card = (seat: Seat): Locator => seat.page.locator(".detail");
const gates = (seat: Seat): Locator => seat.log.getByRole("region", { name: /^Approval: / });

test("I allowed npm commands for this run once and was not asked again; the next run asked", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  const build = lines("Build it", shell("npm --version"), "@say On.", shell("npm root"), shell("npm prefix"), "@say Built.");
  await ana.say(build);
  await expect(ana.allow).toBeVisible();
  await ana.button(/do not ask again/).click();
  const dialog = ana.page.getByRole("dialog");
  await dialog.getByText("npm *", { exact: true }).click();
  await expect(dialog.getByText(/asked for nothing else with shell in 30 days/)).toBeVisible();
  await dialog.getByRole("button", { name: "Allow these calls" }).click();
  await expect(ana.ended("Finished")).toBeVisible();
  await expect(gates(ana)).toHaveCount(3);
  await expect(gates(ana).nth(0)).toContainText("Allowed by Ana");
  for (const n of [1, 2]) {
    await expect(gates(ana).nth(n)).toContainText("Allowed by a pattern Ana gave");
    await expect(gates(ana).nth(n)).toContainText("Pattern: npm *");
  }

  await ana.say(lines("Once more", shell("npm prefix"), "@say Built again."));
  await expect(ana.allow, "the next run asks").toBeVisible();
  await ana.button(/do not ask again/).click();
  await dialog.getByText("npm *", { exact: true }).click();
  await expect(dialog.getByText(/it would have covered 3 of 3 other calls/), "what it would have spared").toBeVisible();
  await dialog.getByRole("button", { name: "Back" }).click();
  await ana.allow.click();
  await expect(ana.ended("Finished")).toBeVisible();
});

test("a pattern for days is listed with its uses, and asks again the moment it is revoked", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, DESK);
  await ana.open(office);
  await ana.say(lines("List", shell("ls -la"), "@say Listed."));
  await ana.button(/do not ask again/).click();
  const dialog = ana.page.getByRole("dialog");
  await dialog.getByText("ls *", { exact: true }).click();
  await dialog.getByLabel("How long").selectOption("For 7 days");
  await dialog.getByRole("button", { name: "Allow these calls" }).click();
  await expect(ana.ended("Finished")).toBeVisible();
  await ana.say(lines("List again", shell("ls"), "@say Listed again."));
  await expect(ana.ended("Finished")).toBeVisible();
  await expect(ana.gate).toContainText("Allowed by a pattern Ana gave");

  await bo.page.goto(`/c/${office.company}/settings/patterns`);
  const pattern = bo.page.getByRole("list", { name: "Remembered patterns" }).getByRole("listitem");
  await expect(pattern).toContainText("ls *");
  await expect(pattern).toContainText("used 1 time");
  await expect(pattern).toContainText("Ana allowed it");
  await pattern.getByRole("button", { name: "Revoke ls *" }).click();
  await expect(bo.page.getByText("Nothing is remembered")).toBeVisible();

  await ana.say(lines("And again", shell("ls"), "@say Listed once more."));
  await expect(ana.allow).toBeVisible();
  await ana.allow.click();
  await expect(ana.ended("Finished")).toBeVisible();
});

test("what a shell reads as more than words is asked every time, and the card says why", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Count", shell("ls | wc -l"), "@say Counted."));
  await ana.button(/do not ask again/).click();
  const dialog = ana.page.getByRole("dialog");
  await expect(dialog.getByText(/mean more to a shell than words, so it is asked every time/)).toBeVisible();
  await expect(dialog.getByRole("radio")).toHaveCount(1);
  await dialog.getByRole("button", { name: "Back" }).click();
  await ana.allow.click();
  await expect(ana.ended("Finished")).toBeVisible();
});

test("triage by keyboard: allow, take it back, deny with a note, put off, take on", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, DESK);
  for (const n of [1, 2, 3])
    await office.ana.ask(z.unknown(), "POST", `/api/companies/${office.company}/agents`, { name: `Writer ${n}` });
  const agents = (await office.ana.agents(office.company)).filter(({ name }) => name.startsWith("Writer"));
  for (const { id, name } of agents) await office.ana.wake(office.company, id, lines(name, shell(`echo ${name}`), "@say Over."));
  await needs(ana, office.company);
  await needs(bo, office.company);
  await bo.button(/^Team/).click();
  await expect(rows(ana)).toHaveCount(3);
  const first = await rows(ana).nth(0).locator(".tri-name").textContent();
  await expect(card(ana)).toContainText(first ?? "");

  await expect(card(ana).getByRole("button", { name: "Allow", exact: true })).toBeEnabled();
  await ana.page.keyboard.press("a");
  await expect(rows(ana).nth(0)).toContainText("You allow this in");
  await expect(rows(bo).nth(0), "everyone sees what is on its way").toContainText("Ana allows this in");
  await ana.page.keyboard.press("z");
  await expect(rows(ana).nth(0)).toContainText("left");
  await expect(rows(ana)).toHaveCount(3);

  await rows(ana).nth(0).click();
  await ana.page.keyboard.press("a");
  await expect(rows(ana), "after its grace it counts").toHaveCount(2);

  await ana.page.keyboard.press("m");
  await expect(card(ana)).toContainText("You are on it");
  await expect(bo.page.getByText("Ana is on it, until")).toBeVisible();

  await ana.page.keyboard.press("d");
  await ana.page.keyboard.type("Not today");
  await ana.page.keyboard.press("Enter");
  await expect(rows(ana)).toHaveCount(1);
  await ana.page.keyboard.press("h");
  await expect(ana.page.getByText("Nothing needs you")).toBeVisible();
  await ana.button(/^Later/).click();
  await expect(rows(ana)).toContainText("Put off, comes back in");
  await ana.page.keyboard.press("z");
  await ana.button(/^For me/).click();
  await expect(rows(ana)).toHaveCount(1);
  const settled = ana.page.getByRole("region", { name: "Settled" });
  await expect(settled).toContainText("Allowed by Ana");
  await expect(settled).toContainText("Not today");
});

test("the arguments are changed before they are allowed, and what ran is what was written", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Say it", shell("echo loud"), "@say Said."));
  await expect(ana.allow).toBeVisible();
  await needs(ana, office.company);
  await ana.page.keyboard.press("e");
  const field = ana.page.getByRole("textbox", { name: "command" });
  await expect(field).toHaveValue("echo loud");
  await ana.button("Allow the changed call").click();
  await expect(ana.page.getByText("Nothing is changed.")).toBeVisible();
  await field.fill("echo softly");
  await ana.button("Allow the changed call").click();
  await expect(ana.page.getByText("Allowed with changes by Ana, it ran").first()).toBeVisible();
  await ana.open(office);
  await expect(ana.ended("Finished")).toBeVisible();
  await expect(ana.gate).toContainText("echo softly");
});

test("a link to a card opens exactly that card, also when it is settled", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  await ana.open(office);
  await ana.say(lines("Look", shell("echo look"), "@say Over."));
  await expect(ana.allow).toBeVisible();
  await needs(ana, office.company);
  await rows(ana).first().click();
  const link = new URL(ana.page.url());
  expect(link.searchParams.get("card")).toMatch(/^ap_/);

  await bo.page.goto(link.pathname + link.search);
  const sheet = bo.page.getByRole("dialog");
  await expect(sheet.getByRole("button", { name: "Allow", exact: true })).toBeVisible();
  await ana.open(office);
  await ana.allow.click();
  await expect(sheet.getByText("Allowed by Ana, it ran")).toBeVisible();
  await expect(sheet).toContainText(/just now|\d+ s ago/);

  await bo.page.goto(`/c/${office.company}/needs?card=ap_00000000000000000000000000`);
  await expect(sheet.getByText("This is not here any more")).toBeVisible();
});

test("what a private conversation asks is decided from its card, by its people alone", async ({ office, sit }) => {
  const at = `/api/companies/${office.company}`;
  const body = { agentId: office.agent, private: true, people: [office.ana.person] };
  const { id: session } = await office.ana.ask(z.object({ id: z.string() }), "POST", `${at}/sessions`, body);
  await office.ana.post(office.company, session, lines("Between us", shell("echo secret"), "@say Over."));
  await expect.poll(async () => (await office.ana.approvals(office.company)).items.length).toBe(1);
  const [asked] = (await office.ana.approvals(office.company)).items;
  const link = `/c/${office.company}/needs?card=${asked?.id}`;

  const bo = await sit(office.bo, DESK);
  await bo.page.goto(link);
  await expect(bo.page.getByText("This is not here any more")).toBeVisible();
  const ana = await sit(office.ana);
  await ana.page.goto(link);
  await expect(card(ana)).toContainText("echo secret");
  await expect(ana.button(/do not ask again/)).toBeHidden();
  await card(ana).getByRole("button", { name: "Allow", exact: true }).click();
  await expect(card(ana).getByText("Allowed by Ana, it ran")).toBeVisible();
});

test("a private conversation in which nobody may decide says so, and takes in somebody who may", async ({
  office,
  newcomer,
  sit,
}) => {
  const cy = await newcomer("Cy");
  const at = `/api/companies/${office.company}/sessions`;
  const { id: session } = await cy.ask(z.object({ id: z.string() }), "POST", at, { agentId: office.agent, private: true });
  await cy.post(office.company, session, lines("For me", shell("echo mine"), "@say Done."));
  const seat = await sit(cy);
  await seat.page.goto(`/c/${office.company}/chats/${session}`);
  const nobody = seat.page.getByText("Nobody in this conversation may decide this.");
  await expect(nobody).toBeVisible();
  await expect(seat.page.getByText("Add an operator.")).toBeVisible();
  await seat.button("Add people").click();
  const dialog = seat.page.getByRole("dialog", { name: "Who takes part" });
  await dialog.getByRole("checkbox", { name: /Bo/ }).check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(nobody).toBeHidden();

  const bo = await sit(office.bo);
  await bo.page.goto(`/c/${office.company}/chats/${session}`);
  await bo.button("Allow").click();
  await expect(seat.page.getByText("Done.", { exact: true })).toBeVisible();
});

test("it asked in the evening, everything died in the night, and a phone allowed it in the morning", async ({ fresh, sit }) => {
  test.slow();
  const owner = await ApiClient.signUp(fresh.url, "Ana", fresh.ownerLink);
  const { id: company } = await owner.createCompany("Night shift");
  const [guide] = await owner.agents(company);
  const agent = guide?.id ?? "";
  await owner.wake(
    company,
    agent,
    lines("Over night", shell("echo morning > kept.txt; cat kept.txt"), "@say The night is over."),
  );
  const evening = await sit(owner, DESK, fresh);
  await needs(evening, company);
  await expect(rows(evening)).toHaveCount(1);
  await evening.page.close();

  for (const pid of Object.values(fresh.pids())) process.kill(pid, "SIGKILL");
  await fresh.exit;
  const again = await startInstance({ data: fresh.data });
  try {
    const morning = await sit(owner.at(again.url), PHONE, again);
    await needs(morning, company);
    await rows(morning).first().tap();
    const sheet = morning.page.getByRole("dialog");
    await expect(sheet.getByText("echo morning > kept.txt; cat kept.txt")).toBeVisible();
    await sheet.getByRole("button", { name: "Allow", exact: true }).tap();
    await expect(morning.page.getByText("You allow “Run this command?”")).toBeVisible();
    await morning.open({ company, agent });
    await expect(morning.ended("Finished")).toBeVisible();
    await expect(morning.written("The night is over.")).toBeVisible();
    await morning.page.close();
  } finally {
    await again.remove();
  }
});

test("everything is stopped with one press and one question", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Wait", shell("echo never"), "@say Over."));
  await expect(ana.allow).toBeVisible();
  await needs(ana, office.company);
  await ana.button("Stop everything").click();
  const dialog = ana.page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Back" }).click();
  await expect(dialog).toBeHidden();
  await expect(rows(ana)).toHaveCount(1);
  await ana.button("Stop everything").click();
  await dialog.getByRole("button", { name: "Stop everything" }).click();
  await expect(ana.page.getByText("Nothing needs you")).toBeVisible();
});
