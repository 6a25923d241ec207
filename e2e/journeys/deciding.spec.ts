import { lines, shell } from "./support/scripts.ts";
import { DESK, PHONE } from "./support/seat.ts";
import { slowNetwork } from "./support/slow-network.ts";
import { expect, test } from "./support/test.ts";

test("alone, an owner allows the command of their own agent, and the record says so", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Look around", shell("echo alone"), "@say Done."));
  await ana.allow.click();
  await expect(ana.gate.getByText("Allowed by Ana, it ran")).toBeVisible();
  await expect(ana.ended("Finished")).toBeVisible();

  await ana.page.getByRole("link", { name: "Floor" }).click();
  await expect(ana.page.getByText("Ana allowed shell echo alone in Look around")).toBeVisible();
  const settled = ana.page.getByRole("region", { name: "Settled" });
  await expect(settled.getByText("Allowed by Ana, it ran")).toBeVisible();
  await expect(ana.page.getByText("Nothing needs you")).toBeVisible();
});

test("a command is denied with a note: nothing runs, and everyone reads why", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  await ana.say(lines("Tidy up", shell("touch forbidden.txt"), "@tool list_files {}", "@say I left it alone."));
  await ana.deny.click();
  await ana.page.getByLabel("Why not?").fill("Ask Marek first");
  await ana.page.keyboard.press("Escape");
  await expect(ana.deny, "Escape goes back without deciding").toBeVisible();
  await ana.deny.click();
  await ana.page.getByLabel("Why not?").fill("Ask Marek first");
  await ana.gate.getByRole("button", { name: "Deny" }).click();
  for (const seat of [ana, bo]) {
    await expect(seat.gate).toContainText("Denied by Ana");
    await expect(seat.gate).toContainText("Ask Marek first");
    await expect(seat.ended("Finished")).toBeVisible();
  }
  const rows = await bo.transcript();
  expect(rows).toContain("I left it alone.");
  const listing = rows.find((row) => row.includes("list_files"));
  expect(rows.filter((row) => /list_files.*forbidden\.txt/.test(row) && !row.includes("@tool"))).toEqual([]);
  expect(listing).toBeDefined();
  expect(await ana.transcript()).toEqual(rows);
});

test("a long command stands there as a whole, and the buttons come after its end", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  const steps = Array.from({ length: 60 }, (_, n) => `echo step ${n}`);
  await ana.say(lines("Take many steps", shell([...steps, "rm -rf everything"].join("\n")), "@say Over."));
  for (const seat of [ana, bo]) {
    const command = seat.gate.getByRole("definition").filter({ hasText: "echo step 0" });
    await expect(command).toContainText("rm -rf everything");
    const hidden = await command.evaluate((box) => box.scrollHeight - box.clientHeight);
    expect(hidden, "px of it that one would have to scroll to inside the card").toBeLessThanOrEqual(1);
  }
  await ana.deny.click();
  await ana.gate.getByRole("button", { name: "Deny" }).click();
  await expect(bo.ended("Finished")).toBeVisible();
});

test("a call of 20 KB is read whole, allowed, and runs as it was shown", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  await ana.open(office);
  await bo.page.goto(`/c/${office.company}`);
  const text = Array.from({ length: 400 }, (_, n) => `line ${n} of a text that is too long for one event`);
  const command = ["cat > long.txt <<'END'", ...text, "END", "wc -l < long.txt"].join("\n");
  expect(command.length, "characters; a room keeps what is longer beside its events").toBeGreaterThan(16_000);
  await ana.say(lines("Write a long file", shell(command), "@say Over."));

  await bo.button(/Run this command\?/).tap();
  const sheet = bo.page.getByRole("dialog");
  for (const place of [ana.gate, sheet]) {
    await expect(place.getByRole("definition").filter({ hasText: "wc -l < long.txt" })).toContainText("line 399 of");
    await expect(place.getByRole("button", { name: "Allow", exact: true })).toBeEnabled();
  }
  await ana.allow.click();
  await expect(ana.gate.getByText("Allowed by Ana, it ran")).toBeVisible();
  await expect(sheet.getByText("Allowed by Ana, it ran")).toBeVisible();
  await expect(ana.ended("Finished")).toBeVisible();
  await expect(ana.gate.getByRole("definition").filter({ hasText: "line 399 of" })).toBeVisible();
  await ana.call("shell").click();
  await expect(ana.log.locator("details.tool")).toHaveText(/^shell cat > long\.txt <<'END', done.*wc -l < long\.txt.*400\s*$/s);
});

test("a run that is stopped takes its ask along, and everyone reads that nobody decided", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  await ana.say(lines("Ask for nothing", shell("touch never.txt"), "@say Over."));
  for (const seat of [ana, bo]) await expect(seat.allow).toBeVisible();
  await ana.button("Stop").click();
  for (const seat of [ana, bo]) {
    await expect(seat.gate.getByText("Nobody decided; the call was broken off")).toBeVisible();
    await expect(seat.ended("Stopped by Ana")).toBeVisible();
    await expect(seat.allow).toBeHidden();
  }
});

test("the second to decide is told who was first", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, DESK);
  const late = await slowNetwork(bo.page);
  for (const seat of [ana, bo]) await seat.open(office);
  await ana.say(lines("Race", shell("echo race"), "@say Over."));
  await expect(bo.allow).toBeVisible();

  late.hold();
  await ana.allow.click();
  await expect(ana.gate.getByText(/^Allowed by Ana/)).toBeVisible();
  await bo.deny.click();
  await bo.gate.getByRole("button", { name: "Deny" }).click();
  late.release();

  await expect(bo.page.getByText(/^Ana allowed this (just now|\d+ s ago)\. Your decision was not used\.$/)).toBeVisible();
  for (const seat of [ana, bo]) {
    await expect(seat.gate.getByText("Allowed by Ana, it ran")).toBeVisible();
    await expect(seat.ended("Finished")).toBeVisible();
  }
});

test("a question waits for an answer, and anyone in the room gives it", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const bo = await sit(office.bo, PHONE);
  for (const seat of [ana, bo]) await seat.open(office);
  await ana.press(ana.button("Ask a question"));
  const answer = bo.page.getByRole("textbox", { name: "Your answer" });
  await answer.fill("Warm, and short");
  await bo.button("Answer").tap();
  for (const seat of [ana, bo]) {
    await expect(seat.log.getByText("Bo answered: Warm, and short")).toBeVisible();
    await expect(seat.written("Noted. I would go on from here with that tone.")).toBeVisible();
    await expect(seat.ended("Finished")).toBeVisible();
  }
  expect(await bo.transcript()).toEqual(await ana.transcript());
});
