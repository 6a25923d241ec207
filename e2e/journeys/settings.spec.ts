import { expectAccessible } from "./support/accessible.ts";
import { lines, shell } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

/** px; the narrowest phone that is in use */
const NARROW = { ...PHONE, viewport: { width: 320, height: 640 } };

test("a machine is let in by a command that is shown once, and loses its key", async ({ workplace, sit }) => {
  const ana = await sit(workplace.ana);
  await ana.page.goto("/instance");
  await ana.button("Let a machine join").click();
  const command = ana.page.getByRole("textbox", { name: "Command for the machine" });
  await expect(command).toHaveValue(/^npm start -- --only runner --join http\S+#\S+$/);
  await expect(ana.page.getByText(/It is shown this once, lets one machine in, and works for (59|1 h)/)).toBeVisible();
  await expectAccessible(ana, "the instance, letting a machine join");
  const token = (await command.inputValue()).split("#")[1];
  const joined = await workplace.ana.raw("POST", "/api/runners/enrol", { token, name: "studio-mini" });
  expect(joined.status).toBe(201);

  await ana.page.reload();
  const machine = ana.page.getByRole("list", { name: "Machines" }).getByRole("listitem");
  await expect(machine).toContainText("studio-mini");
  await expect(command, "a token is shown once").toBeHidden();
  await ana.button("Take the key of studio-mini away").click();
  await ana.page.getByRole("dialog").getByRole("button", { name: "Take the key away" }).click();
  await expect(ana.page.getByText("Every run is carried out on this machine.")).toBeVisible();
});

test("the settings are one entry beside the work, and each of their pages fits the narrowest phone", async ({ office, sit }) => {
  const desk = await sit(office.ana);
  await desk.page.goto(`/c/${office.company}`);
  const entry = desk.page.getByRole("link", { name: "Settings", exact: true });
  await entry.click();
  const pages = desk.page.getByRole("navigation", { name: "Settings" });
  await pages.getByRole("link", { name: "Models" }).click();
  await expect(desk.page).toHaveURL(/settings\/models$/);
  await expect(entry).toHaveAttribute("aria-current", "page");

  const phone = await sit(office.ana, NARROW);
  await phone.page.goto(`/c/${office.company}`);
  await phone.button(/^Norden/).tap();
  await phone.page.getByRole("menuitem", { name: "Settings" }).tap();
  for (const name of ["Members", "Models", "Patterns", "Notifications"]) {
    const link = phone.page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name });
    await link.tap();
    await expect(link).toHaveAttribute("aria-current", "page");
    await expect(link).toBeInViewport({ ratio: 1 });
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(320);
  }
});

test("the icon of the installed app counts what needs its owner", async ({ office, sit }) => {
  const bo = await sit(office.bo, PHONE);
  await bo.page.addInitScript(() => {
    const badge = (count: number): Promise<void> => {
      document.documentElement.dataset.badge = String(count);
      return Promise.resolve();
    };
    Object.assign(navigator, { setAppBadge: badge, clearAppBadge: () => badge(0) });
  });
  await bo.page.goto(`/c/${office.company}`);
  const root = bo.page.locator("html");
  await expect(root).toHaveAttribute("data-badge", "0");
  await office.ana.wake(office.company, office.agent, lines("Ask", shell("true"), "@say Done."));
  await expect(root).toHaveAttribute("data-badge", "1");
  await bo.open(office);
  await bo.press(bo.deny);
  await bo.press(bo.log.getByRole("button", { name: /^Deny/ }).last());
  await expect(root).toHaveAttribute("data-badge", "0");
});
