import { readFile } from "node:fs/promises";
import { z } from "zod";
import { LIMITS } from "../../party/protocol/limits.ts";
import { until } from "../harness/until.ts";
import { expectAccessible } from "./support/accessible.ts";
import { endlessly, lines, shell } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { expect, PASSWORD, test } from "./support/test.ts";

const withId = z.object({ id: z.string() });
const withItems = z.object({ items: z.array(withId) });

/** Enough steps that the one looked for is far from where a run opens. */
const LONG = lines(
  "Look after the orchard",
  ...Array.from({ length: 40 }, (_, n) => `@say Row ${n + 1} of the orchard was looked at.`),
  "@say The quinces in the north corner are ripe.",
  ...Array.from({ length: 40 }, (_, n) => `@say Row ${n + 41} of the orchard was looked at.`),
);

test("I typed two words I remembered, found Tuesday's run, and sent a colleague a link to the exact step", async ({
  office,
  sit,
  newcomer,
}) => {
  const run = await office.ana.wake(office.company, office.agent, LONG);
  await office.ana.wake(office.company, office.agent, "Then\n@say Nothing about fruit.");
  const ana = await sit(office.ana);
  await ana.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await ana.open(office);
  await expect(ana.written("Nothing about fruit.")).toBeVisible({ timeout: 30_000 });

  await ana.page.keyboard.press("Control+k");
  const search = ana.page.getByRole("combobox", { name: /^Search/ });
  await search.fill("quinces corner");
  const steps = ana.page.getByRole("group", { name: "Steps" }).getByRole("option");
  await expect(steps.first()).toContainText("quinces");
  await expect(steps.first().locator("mark").first()).toHaveText(/quinces|corner/);
  await expectAccessible(ana, "the search");
  await search.press("Enter");
  await expect(ana.page).toHaveURL(new RegExp(`/runs/${run}\\?step=\\d+$`));
  const step = ana.log.locator("article[aria-current='location']");
  await expect(step).toBeInViewport();
  await expect(step).toContainText("quinces");
  await step.hover();
  await step.getByRole("button", { name: "Copy link to this step" }).click();
  const link = await ana.page.evaluate(() => navigator.clipboard.readText());
  expect(new URL(link).pathname).toBe(`/c/${office.company}/agents/${office.agent}/runs/${run}`);

  await test.step("Enter before anything is found waits for the words as they stand", async () => {
    await ana.page.goto(`/c/${office.company}`);
    await expect(ana.page.getByRole("heading", { name: "Floor" })).toBeVisible();
    await ana.page.keyboard.press("Control+k");
    await search.pressSequentially("quinces corner");
    await search.press("Enter");
    await expect(search).toBeHidden();
    await expect(ana.page).toHaveURL(new RegExp(`/runs/${run}\\?step=\\d+$`));
  });

  const bo = await sit(office.bo, PHONE);
  await bo.page.goto(link);
  const same = bo.log.locator("article[aria-current='location']");
  await expect(same).toBeInViewport();
  await expect(same).toContainText("quinces");

  await test.step("someone without access saw nothing, before and after signing in", async () => {
    const sam = await newcomer("Sam");
    const { user } = await sam.ask(z.object({ user: z.object({ email: z.string() }) }), "GET", "/api/me");
    await office.ana.removeMember(office.company, sam.person);
    const stranger = await sit();
    await stranger.page.goto(link);
    await expect(stranger.button("Sign in")).toBeVisible();
    await stranger.page.getByLabel("Email").fill(user.email);
    await stranger.page.getByLabel("Password").fill(PASSWORD);
    await stranger.button("Sign in").click();
    await expect(stranger.page.getByText("You are not in this company")).toBeVisible();
    await expect(stranger.page).toHaveURL(link);
    await expect(stranger.page.locator("body")).not.toContainText(/quinces|orchard/);
  });
});

test("a link into a private conversation's run opens for its people, live, and for nobody else in the company", async ({
  office,
  sit,
}) => {
  const path = `/api/companies/${office.company}`;
  const made = await office.ana.raw("POST", `${path}/sessions`, { agentId: office.agent, title: "Pay", private: true });
  const session = withId.parse(JSON.parse(made.text)).id;
  await office.ana.post(
    office.company,
    session,
    lines("Wages", "@say Everybody earns the same.", shell("echo noted"), "@say Noted."),
  );
  const run = await until("the run", async () => {
    const found = await office.ana.raw("GET", `${path}/runs?session=${session}`);
    return withItems.parse(JSON.parse(found.text)).items[0]?.id;
  });
  const link = `/c/${office.company}/agents/${office.agent}/runs/${run}?step=1`;
  const ana = await sit(office.ana);
  await ana.page.goto(link);
  await expect(ana.written("Everybody earns the same.")).toBeVisible();
  await expect(ana.gate.getByRole("link", { name: "Decide in the conversation" })).toBeVisible();
  const bo = await sit(office.bo);
  await bo.page.goto(link);
  await expect(bo.page.getByRole("heading", { name: "This run is not here" })).toBeVisible();
  await expect(bo.page.locator("body")).not.toContainText(/earns|Wages/);
  await bo.page.goto(`/c/${office.company}/search?q=earns`);
  await expect(bo.page.getByRole("heading", { name: 'Nothing is found for "earns"' })).toBeVisible();
  await ana.page.goto(`/c/${office.company}/search?q=earns`);
  await expect(ana.page.getByRole("list", { name: "Found, newest first" }).getByRole("link").first()).toContainText("earns");
});

test("a step of a run that its room has let go of long ago opens from the records", async ({ office, sit }) => {
  const old = await office.ana.wake(office.company, office.agent, "Long ago\n@say The well was dug here.");
  await until("the end of the old run", async () => (await office.ana.run(office.company, old)).state === "ended" || undefined);
  const { seq } = (await office.ana.runEvents(office.company, old)).find(({ type }) => type === "block.ended") ?? { seq: 0 };
  for (let later = 0; later <= LIMITS.snapshotRuns; later++) {
    await office.ana.wake(office.company, office.agent, `Later ${later}\n@say Much later.`);
  }
  const ana = await sit(office.ana);
  await ana.open(office);
  await expect(ana.page.getByRole("heading", { name: "Earlier runs" })).toBeVisible();
  await expect(ana.page.getByRole("link", { name: /^Long ago/ })).toBeHidden({ timeout: 30_000 });
  await ana.page.goto(`/c/${office.company}/agents/${office.agent}/runs/${old}?step=${seq}`);
  await expect(ana.log.locator("article[aria-current='location']")).toContainText("The well was dug here.");
  await expect(ana.page.getByRole("slider", { name: "Step of the run" })).toBeVisible();
});

test("the list of runs is narrowed in its address, which can be sent; a waiting run says whose move it is", async ({
  office,
  sit,
}) => {
  await office.ana.wake(office.company, office.agent, "Water the ferns\n@say The ferns are wet.");
  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}/runs`);
  const rows = ana.page.getByRole("list", { name: "Runs, newest first" }).getByRole("link");
  await expect(rows.filter({ hasText: "Water the ferns" })).toContainText("Finished");
  await office.bo.wake(office.company, office.agent, lines("Tidy the shed", shell("echo tidied")));
  const waiting = rows.filter({ hasText: "Tidy the shed" });
  await expect(waiting).toContainText("Waits for a person to decide: ", { timeout: 15_000 });

  await ana.page.getByLabel("Who asked").selectOption({ label: "Ana" });
  await expect(rows).toHaveCount(1);
  await ana.page.getByLabel("Words of a run").fill("ferns wet");
  await expect(ana.page).toHaveURL(/q=ferns/);
  await expect(rows).toHaveCount(1);
  const bo = await sit(office.bo, PHONE);
  await bo.page.goto(ana.page.url());
  await expect(bo.page.getByRole("list", { name: "Runs, newest first" }).getByRole("link")).toHaveCount(1);
  await ana.page.getByLabel("How it stands").selectOption("failed");
  await expect(ana.page.getByRole("heading", { name: "No run fits" })).toBeVisible();
  await ana.button("Show all runs").first().click();
  await expect(rows).toHaveCount(2);
  await expect(ana.page.getByLabel("Words of a run")).toHaveValue("");
  await expectAccessible(ana, "the runs");
  await expectAccessible(bo, "the runs on a phone");
});

test("a run is replayed step by step, and what was asked then cannot be decided now", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Tidy the shed", "@say First I look.", shell("echo tidied"), "@say The shed is tidy."));
  await ana.allow.click();
  await expect(ana.ended("Finished")).toBeVisible();

  const slider = ana.page.getByRole("slider", { name: "Step of the run" });
  await slider.focus();
  await slider.press("Home");
  await expect(slider).toHaveAttribute("aria-valuetext", /^Step 1 of \d+, 0:00, Ana asked: Tidy the shed/);
  await expect(ana.written("The shed is tidy.")).toBeHidden();
  await expect(ana.written("First I look.")).toBeHidden();
  for (let step = 0; step < 6 && !(await ana.gate.isVisible()); step++) await slider.press("ArrowRight");
  await expect(ana.gate).toContainText("Nobody had decided yet");
  await expect(ana.allow).toBeHidden();
  await expect(ana.written("First I look.")).toBeVisible();
  await expect(ana.written("The shed is tidy.")).toBeHidden();
  await expectAccessible(ana, "a replay");
  await ana.page.keyboard.press("l");
  await expect(ana.written("The shed is tidy.")).toBeVisible();
  await expect(ana.gate).toContainText("Allowed by Ana");

  await ana.button("Play the run").click();
  await ana.button("1x, the speed of the replay").click();
  await expect(ana.button("Pause the replay")).toBeVisible();
  await expect(ana.button("Play the run")).toBeVisible({ timeout: 30_000 });
  await expect(ana.ended("Finished")).toBeVisible();
});

test("a live run can be looked back on while it goes on", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Think aloud", "@say The first thing.", endlessly()));
  await expect(ana.written("The first thing.")).toBeVisible();
  const slider = ana.page.getByRole("slider", { name: "Step of the run" });
  await slider.press("Home");
  await expect(ana.written("The first thing.")).toBeHidden();
  await expect(ana.button("Jump to live")).toBeVisible();
  await ana.button("Jump to live").click();
  await expect(ana.written("if nobody stepped in")).toBeVisible();
  await ana.button("Stop").click();
  await expect(ana.ended("Stopped")).toBeVisible();
});

test("a run is taken along as a page and with every event", async ({ office, sit }) => {
  await office.ana.wake(office.company, office.agent, "Say <b>it</b>\n@say Here <script>alert(1)</script> it is.");
  const ana = await sit(office.ana);
  await ana.open(office);
  await expect(ana.ended("Finished")).toBeVisible();
  for (const [entry, ending, holds] of [
    ["Save as a page", ".html", "&lt;script&gt;alert(1)&lt;/script&gt;"],
    ["Save with every event", ".json", '"format":"atrium.run"'],
  ] as const) {
    await ana.button("Link and export").click();
    const download = ana.page.waitForEvent("download");
    await ana.page.getByRole("menuitem", { name: entry }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(new RegExp(`\\${ending}$`));
    expect(await readFile(await file.path(), "utf8")).toContain(holds);
  }
});
