import { refuseCommands } from "./support/refusing-room.ts";
import { lines, slowly } from "./support/scripts.ts";
import { expect, test } from "./support/test.ts";

test("without a network the screen says so, keeps what was written, and catches up by cursor", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  const run = lines("Go on without her", "@say Begun.", "@then", slowly(9, "Nobody has to watch for the work to go on."));
  await office.bo.wake(office.company, office.agent, run);
  await expect(ana.written("Begun.")).toBeVisible();
  await ana.composer.fill("A half-written thought");
  const loaded = await ana.loadedAt();

  await ana.context.setOffline(true);
  await expect(ana.page.getByRole("status").filter({ hasText: /^Offline for \d+ s$/ })).toBeVisible();
  await expect(ana.written("Begun."), "the screen stays").toBeVisible();
  await ana.button("Send the note").click();
  await expect(ana.page.getByRole("alert")).toHaveText(/^Not sent\. There is no connection/);

  const returned = ana.page.waitForEvent("websocket", (socket) => socket.url().includes("/parties/agent/"));
  await ana.context.setOffline(false);
  expect(new URL((await returned).url()).searchParams.get("after"), "resumed, not begun again").toMatch(/^\d+$/);
  await expect(ana.page.getByRole("status").filter({ hasText: /^(Live|Back, \d+ missed events? loaded)$/ })).toBeVisible();
  await expect(ana.ended("Finished")).toBeVisible();
  const rows = await ana.transcript();
  expect(rows.filter((row) => row === "Begun.")).toHaveLength(1);
  expect(rows.filter((row) => row === "Nobody has to watch for the work to go on.")).toHaveLength(1);

  await expect(ana.composer).toHaveValue("A half-written thought");
  expect(await ana.loadedAt(), "nobody reloaded").toBe(loaded);
  await ana.page.reload();
  await expect(ana.composer, "a draft outlives even a reload").toHaveValue("A half-written thought");
});

test("a server whose disk is full says so at what was pressed, and what was written stays", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const message = "The server's disk is full. Nothing was lost; try again when space was freed.";
  await refuseCommands(ana.page, { code: "storage_full", message, retryable: true });
  await ana.open(office);
  await ana.composer.fill("Write the minutes");
  await ana.button("Start a run").click();
  await expect(ana.page.getByRole("alert")).toHaveText(`Not sent. ${message}`);
  await expect(ana.composer).toHaveValue("Write the minutes");

  const messages = ana.page.getByRole("region", { name: "Messages" });
  await ana.button("Write a file").click();
  await expect(messages.getByText(message)).toBeVisible();
});
