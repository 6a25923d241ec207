/** Pictures for the guide: what a person sees, in the two sizes that the guide shows. */
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { type Device, PHONE } from "../journeys/support/seat.ts";

const SEEN = { locale: "en-GB", timezoneId: "Europe/Berlin", colorScheme: "light", reducedMotion: "reduce" } as const;
export const DESK_PICTURE: Device = { ...SEEN, viewport: { width: 1280, height: 800 } };
export const PHONE_PICTURE: Device = { ...PHONE, ...SEEN, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

/** bytes; a page with ten pictures should open at once over a slow line */
const MAX_BYTES = 200_000;

export class Camera {
  readonly #folder: string;
  readonly taken: string[] = [];

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
  }

  /** Takes a picture of what is in sight once nothing loads and no short message covers it. @throws when it is too large */
  async take(page: Page, name: string): Promise<void> {
    await expect(page.locator(".skel, .toast")).toHaveCount(0);
    await expect(page.getByRole("status").filter({ hasText: "Connecting" })).toHaveCount(0);
    await page.evaluate(() => document.fonts.ready);
    const path = join(this.#folder, `${name}.png`);
    await page.screenshot({ path, animations: "disabled", caret: "hide" });
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw new Error(`${name}.png has ${size} bytes, more than ${MAX_BYTES}`);
    this.taken.push(name);
  }
}
