import type { ChildRole, Instance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { lines, shell, slowly } from "./support/scripts.ts";
import { DESK, PHONE, type Seat } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

/** ms until everything serves again and every viewer is back after a process was killed */
const RECOVERY_MS = 10_000;

/** Kills a process the hard way and waits until another one serves in its place. */
async function replace(instance: Instance, role: ChildRole): Promise<void> {
  const old = await instance.kill(role);
  await until(`another ${role}`, async () => (await instance.pid(role)) !== old, RECOVERY_MS);
  await instance.ready(RECOVERY_MS);
}

/** Both are in the room and hear each other. */
async function bothBack(ana: Seat, bo: Seat): Promise<void> {
  await ana.hears(bo, "Bo");
  await bo.hears(ana, "Ana");
  await expect(ana.page.getByRole("status").filter({ hasText: /^(Live|Back, .*)$/ })).toBeVisible();
}

test("every process is killed while a command waits for consent", async ({ workplace, office, sit }) => {
  const ana = await sit(office.ana, DESK);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  const loaded = [await ana.loadedAt(), await bo.loadedAt()];

  await test.step("rooms die while the agent writes: both go on reading", async () => {
    await ana.say(
      lines(
        "Survive",
        slowly(6, "One, two, three, four, five, six, seven."),
        shell("echo ran >> log.txt && cat log.txt"),
        "@say Still here.",
      ),
    );
    for (const seat of [ana, bo]) await expect(seat.written("One, two")).toBeVisible();
    await replace(workplace.instance, "rooms");
    for (const seat of [ana, bo]) await expect(seat.allow).toBeVisible();
  });

  for (const role of ["rooms", "api", "runner"] as const) {
    await test.step(`${role} dies: both are back, and the command still waits`, async () => {
      await replace(workplace.instance, role);
      await bothBack(ana, bo);
      for (const seat of [ana, bo]) await expect(seat.allow).toBeEnabled();
    });
  }

  await test.step("it is allowed, and the run ends once", async () => {
    await bo.press(bo.allow);
    for (const seat of [ana, bo]) await expect(seat.ended("Finished")).toBeVisible();
    const rows = await ana.transcript();
    expect(rows.filter((row) => row.startsWith("Finished"))).toHaveLength(1);
    expect(rows.filter((row) => row === "One, two, three, four, five, six, seven.")).toHaveLength(1);
    const [call, ...more] = rows.filter((row) => row.startsWith("shell "));
    expect(call, "what the command printed, which was run once").toMatch(/done.*\}ran$/);
    expect(more).toEqual([]);
    expect(await bo.transcript()).toEqual(rows);
    expect([await ana.loadedAt(), await bo.loadedAt()], "nobody reloaded").toEqual(loaded);
  });
});

test("the runner dies in the middle of a sentence: another one takes the run over and ends it", async ({
  workplace,
  office,
  sit,
}) => {
  const ana = await sit(office.ana, DESK);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  await ana.say(
    lines("Be taken over", '@tool write_file {"path":"before.txt","content":"once"}', slowly(4, "Nothing of this is lost.")),
  );
  for (const seat of [ana, bo]) await expect(seat.written("Nothing of")).toBeVisible();
  await replace(workplace.instance, "runner");
  for (const seat of [ana, bo]) {
    await expect(seat.log.getByText("The run was taken over and goes on, attempt 2")).toBeVisible();
    await expect(seat.ended("Finished")).toBeVisible();
  }
  const rows = await ana.transcript();
  expect(rows.filter((row) => row === "Nothing of this is lost.")).toHaveLength(1);
  expect(rows.filter((row) => row.includes("Broken off here"))).toHaveLength(1);
  expect(
    rows.filter((row) => row.includes("before.txt")),
    "the call and its request",
  ).toHaveLength(2);
  expect(rows.filter((row) => row.startsWith("Finished"))).toHaveLength(1);
  expect(await bo.transcript()).toEqual(rows);
});
