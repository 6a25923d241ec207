/**
 * `npm run docs:screenshots [-- --to <folder>]`: starts an Atrium on a temporary folder, lets a small company work in it, and
 * takes the pictures of `docs/using.md` and the README. Needs a Chromium; calls nothing outside this machine.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { startFakeAnthropic } from "../fakes/models/anthropic.ts";
import { ROOT, startInstance } from "../harness/instance.ts";
import { findChromium, noChromium } from "../harness/programs.ts";
import { Seat } from "../journeys/support/seat.ts";
import { Camera, DESK_PICTURE, PHONE_PICTURE } from "./camera.ts";
import { found, staff } from "./company.ts";
import { consent, firstDay, outAndAbout, runs, settings, talk } from "./scenes.ts";
import { storyBrain } from "./story.ts";

/** A key of no provider; the screens show its last four characters only. */
const KEY = "sk-ant-api03-a-key-for-pictures-7QwX";

const { values } = parseArgs({ options: { to: { type: "string", default: "docs/images" } } });
const executablePath = findChromium();
if (executablePath === undefined) throw new Error(noChromium());

const instance = await startInstance();
const provider = await startFakeAnthropic({ key: KEY, brain: storyBrain });
const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--lang=en-GB"] });
try {
  await instance.ready();
  const camera = new Camera(resolve(ROOT, values.to));
  const beginning = await found(instance);
  const ana = await Seat.take(browser, instance.url, beginning.ana, DESK_PICTURE);
  const bo = await Seat.take(browser, instance.url, beginning.bo, PHONE_PICTURE);
  await firstDay(ana, beginning, camera);
  const office = await staff(beginning, provider, KEY);
  const scene = { ana, bo, office, camera };
  await talk(scene);
  await consent(scene);
  await runs(scene);
  await settings(scene);
  await outAndAbout(scene);
  process.stdout.write(`${camera.taken.length} pictures in ${values.to}: ${camera.taken.join(", ")}\n`);
} finally {
  await browser.close();
  await provider.close();
  await instance.remove();
}
