import { endlessly, lines, slowly } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

test("a note to a live run is queued, seen and applied, where everyone can follow it", async ({ workplace, office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  await ana.say(lines("Write slowly", slowly(4, "First the facts."), "@then", slowly(1, "Then the words.")));
  await expect(ana.written("First")).toBeVisible();

  const lane = ana.page.getByRole("list", { name: "Notes to the run, oldest first" });
  // While its runner stands still nobody can read the note.
  await workplace.instance.kill("runner", "SIGSTOP");
  await ana.say("Keep it short");
  await expect(lane.getByRole("listitem")).toContainText("QueuedAKeep it short");
  await expect(bo.page.getByText("Queued")).toBeVisible();
  await workplace.instance.kill("runner", "SIGCONT");
  await expect(lane.getByRole("listitem")).toContainText("Seen");
  await expect(bo.page.getByText("Seen")).toBeVisible();
  await expect(lane.getByRole("listitem")).toContainText("Applied");
  await expect(bo.page.getByText("Applied")).toBeVisible();

  for (const seat of [ana, bo]) await expect(seat.ended("Finished")).toBeVisible();
  const rows = await ana.transcript();
  expect(rows.filter((row) => row.includes("Keep it short"))).toEqual(["AAnasteeredKeep it short"]);
  expect(await bo.transcript()).toEqual(rows);
});

test("a run is interrupted, keeps what it said, and goes on with what is asked next", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Go on for long", endlessly()));
  await expect(ana.written("This would")).toBeVisible();
  await ana.button("Interrupt").click();
  await expect(ana.button("Interrupt")).toBeHidden();
  await ana.say(lines("Then this", "@say Said after the break."));
  await expect(ana.written("Said after the break.")).toBeVisible();
  await expect(ana.ended("Finished")).toBeVisible();
  const rows = await ana.transcript();
  expect(
    rows.filter((row) => row.startsWith("This would")),
    "what was said before the break",
  ).toHaveLength(1);
  expect(rows.filter((row) => row.startsWith("Finished"))).toHaveLength(1);
});

test("a run is stopped, and another one can be asked for at once", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Never end", endlessly()));
  await expect(ana.written("This would")).toBeVisible();
  await ana.button("Stop").click();
  await expect(ana.ended("Stopped by Ana")).toBeVisible();
  await ana.say(lines("Another", "@say Here I am again."));
  await expect(ana.written("Here I am again.")).toBeVisible();
  await expect(ana.ended("Finished")).toBeVisible();
});

test("runs that wait are in line for everyone to see, and can be taken back", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Busy", endlessly()));
  await expect(ana.written("This would")).toBeVisible();
  await ana.button("Steer this run").click();
  await ana.page.getByRole("menuitemradio", { name: /^Next run/ }).click();
  await ana.say("Not now after all");
  const rail = ana.page.getByRole("complementary", { name: "Details of the run" });
  await expect(rail.getByText("Not now after all")).toBeVisible();
  await rail.getByRole("button", { name: "Take back" }).click();
  await expect(rail.getByRole("button", { name: "Take back" })).toBeHidden();
  await ana.button("Stop").click();
  await expect(ana.ended("Stopped by Ana")).toBeVisible();
});
