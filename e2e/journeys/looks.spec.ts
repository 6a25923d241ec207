import { AxeBuilder } from "@axe-core/playwright";
import { endlessly, lines, shell } from "./support/scripts.ts";
import { PHONE, type Seat } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

/** What keeps somebody out; the milder findings of axe are advice. */
const KEEPS_OUT: readonly unknown[] = ["serious", "critical"];

/** Looks at a screen as it is now: everything in light, and in dark what a change of colours can break. */
async function expectAccessible({ page }: Seat, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
    const found = violations.filter(({ impact }) => KEEPS_OUT.includes(impact));
    const words = found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    expect(words, `${screen}, ${colorScheme}`).toEqual([]);
  }
}

test("every screen keeps nobody out, light and dark", async ({ office, sit }) => {
  const stranger = await sit();
  await stranger.page.goto("/sign-in");
  await expect(stranger.button("Sign in")).toBeVisible();
  await expectAccessible(stranger, "sign-in");

  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}/settings/members`);
  await expect(ana.page.getByText("bo@example.com")).toBeVisible();
  await expectAccessible(ana, "members");

  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  await ana.say(lines("Show everything", "@think Slowly.", endlessly(), shell("true")));
  await expect(ana.written("This would")).toBeVisible();
  await expectAccessible(ana, "agent room, live");
  await ana.button("Stop").click();
  await expect(ana.ended("Stopped by Ana")).toBeVisible();

  await ana.say(lines("Show the gate", "@tool list_files {}", shell("echo may I"), "@say Over."));
  for (const seat of [ana, bo]) await expect(seat.allow).toBeVisible();
  await expectAccessible(ana, "agent room, waiting");
  await expectAccessible(bo, "agent room on a phone, waiting");

  for (const seat of [ana, bo]) await seat.page.goto(`/c/${office.company}`);
  await expect(ana.button("Allow")).toBeVisible();
  await expectAccessible(ana, "Floor");
  await bo.button(/Run this command\?/).tap();
  await expect(bo.page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true })).toBeVisible();
  await expectAccessible(bo, "the sheet of a need on a phone");
});

test("the screens of consent keep nobody out, light and dark", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  await ana.open(office);
  await ana.say(lines("Ask three times", shell("npm test"), shell("npm run a"), shell("ls docs"), "@say Over."));
  await expect(ana.allow.first()).toBeVisible();
  await ana.page.goto(`/c/${office.company}/needs`);
  await expect(ana.button("Allow")).toBeEnabled();
  await expectAccessible(ana, "Needs you");
  await ana.button("Edit, then allow").click();
  await expect(ana.page.getByRole("textbox", { name: "command" })).toBeVisible();
  await expectAccessible(ana, "Needs you, changing a call");
  await ana.button("Back").click();
  await ana.button("Allow and remember").click();
  const dialog = ana.page.getByRole("dialog");
  await dialog.getByText("npm *", { exact: true }).click();
  await expect(dialog.getByText(/it would have covered 1 of 2 other calls/)).toBeVisible();
  await expectAccessible(ana, "remembering a pattern");
  await dialog.getByLabel("How long").selectOption("For a day");
  await dialog.getByRole("button", { name: "Allow these calls" }).click();
  await expect(ana.page.getByText(/You allow this in/)).toBeVisible();
  await ana.page.goto(`/c/${office.company}/settings/patterns`);
  await expect(ana.page.getByRole("button", { name: "Revoke npm *" })).toBeVisible();
  await expectAccessible(ana, "patterns");

  await bo.page.goto(`/c/${office.company}/needs`);
  await bo.page.getByRole("option").first().tap();
  await expect(bo.page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true })).toBeVisible();
  await expectAccessible(bo, "a card on a phone");
});

test("the theme is one's own choice, and is there again before a reloaded page shows anything", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.page.emulateMedia({ colorScheme: "light" });
  await ana.open(office);
  const ground = (): Promise<string> => ana.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await ana.button(/^Ana/).click();
  await ana.page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect.poll(ground).not.toBe(light);
  const dark = await ground();

  // The app itself never comes: what is seen is what stands before it.
  await ana.page.route(/\.js$/, (route) => (route.request().url().includes("theme") ? route.continue() : route.abort()));
  await ana.page.reload();
  expect(await ground()).toBe(dark);
});
