import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

/** The most JavaScript a first visit may load, in bytes as they travel: about a second on a slow mobile line. */
const MOST_BYTES = 200_000;

/** Opens a screen in a browser that has nothing of Atrium yet, and sums up the scripts that come over the line. */
async function scriptBytes(page: Page, open: () => Promise<void>): Promise<number> {
  const sizes: Promise<number>[] = [];
  page.on("requestfinished", (request) => {
    if (request.resourceType() === "script") sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await open();
  await page.waitForLoadState("networkidle");
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test("the first look at the Floor, and at an agent's room, loads little JavaScript", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const floor = await scriptBytes(ana.page, async () => {
    await ana.page.goto(`/c/${office.company}`);
    await expect(ana.page.getByRole("link", { name: "Open Guide, Resting" })).toBeVisible();
  });
  const bo = await sit(office.bo);
  const room = await scriptBytes(bo.page, () => bo.open(office));
  for (const bytes of [floor, room]) {
    expect(bytes, "something was counted").toBeGreaterThan(MOST_BYTES / 10);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  }
});
