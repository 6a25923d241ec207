import { endlessly, lines } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { expect, test } from "./support/test.ts";

test("who comes in the middle of a sentence reads it from its beginning, and it goes on", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Never end", endlessly()));
  await expect(ana.written("half a minute")).toBeVisible();

  const bo = await sit(office.bo, PHONE);
  await bo.open(office);
  const sentence = bo.written("This would take half a minute");
  await expect(sentence).toBeVisible();
  const before = (await sentence.textContent())?.length ?? 0;
  await expect.poll(async () => (await sentence.textContent())?.length, "it grows").toBeGreaterThan(before);

  await ana.page.getByRole("link", { name: "Floor" }).click();
  await expect(ana.page.getByRole("link", { name: "Open Guide, Working" })).toBeVisible();
  await ana.page.goBack();
  await expect(ana.written("This would take half a minute"), "also for one who was away for a look").toBeVisible();
  await ana.button("Stop").click();
  for (const seat of [ana, bo]) await expect(seat.ended("Stopped by Ana")).toBeVisible();
});
