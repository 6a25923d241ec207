/** How soon a screen answers a press when there is a lot on it, in a real browser. */
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "@playwright/test";
import { z } from "zod";
import { foundCompany, type Office, quietSession } from "../harness/company.ts";
import { startInstance } from "../harness/instance.ts";
import { findChromium, noChromium } from "../harness/programs.ts";
import { until } from "../harness/until.ts";
import type { Benchmark, Figure, Lab } from "./figure.ts";

/** events of the transcript: two for each line that the rehearsal model says */
const EVENTS = 5_000;
/** messages of the conversation */
const MESSAGES = 1_000;
/** what is typed: each key is an interaction */
const TYPED = "The quick brown fox jumps over the lazy dog";
/** px of the page, and of the window around it, which has bars of its own */
const PAGE = { width: 1_440, height: 900 };
const WINDOW = { width: 1_500, height: 1_200 };
/** ms between two keys of somebody who types fast */
const KEY_MS = 40;
/** steps back that are measured */
const STEPS = 40;
/** ms; the browser reports no interaction that was shorter */
const LEAST_MS = 16;
/** ms that writing the transcript may take */
const WRITE_MS = 120_000;

const observed = z.array(z.object({ id: z.number(), ms: z.number() }));

/** Presses keys one after another, as somebody does who is quick. */
type Presses = () => Promise<void>;

const typing =
  (field: Locator): Presses =>
  async () => {
    await field.fill("");
    await field.pressSequentially(TYPED, { delay: KEY_MS });
  };

/** Back through a run from its end, step by step, each from where the one before came to. */
const scrubbing =
  (slider: Locator): Presses =>
  async () => {
    for (let step = 0; step < STEPS; step++) await slider.press("ArrowLeft", { delay: KEY_MS });
  };

/** The longest time from a press to the next paint. */
async function slowestPress(page: Page, presses: Presses): Promise<number> {
  const seen = await page.evaluateHandle((least) => {
    const entries: { id: number; ms: number }[] = [];
    const options: PerformanceObserverInit & { durationThreshold: number } = { type: "event", durationThreshold: least };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ("interactionId" in entry) entries.push({ id: Number(entry.interactionId), ms: entry.duration });
    }).observe(options);
    return entries;
  }, LEAST_MS);
  await presses();
  // Entries come after the paint they tell of: one more frame, and they are there.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const interactions = observed.parse(await seen.jsonValue()).filter(({ id }) => id > 0);
  return Math.max(LEAST_MS, ...interactions.map(({ ms }) => ms));
}

async function repeated(lab: Lab, what: string, page: Page, presses: Presses): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < lab.repeat; i++) {
    samples.push(await slowestPress(page, presses));
    lab.say(`${what}: ${samples.at(-1)?.toFixed(0)} ms`);
  }
  return samples;
}

/**
 * A page whose whole is painted. The window of a page is made as large as the page, bars included: its lower edge would lie
 * outside, where nothing is painted and no press ever ends.
 */
async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ ...options, viewport: PAGE });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const { windowId } = await devtools.send("Browser.getWindowForTarget");
  await devtools.send("Browser.setWindowBounds", { windowId, bounds: WINDOW });
  return page;
}

async function openAs(browser: Browser, url: string, { owner }: Office): Promise<Page> {
  const page = await openPage(browser, { baseURL: url });
  const [name = "", value = ""] = (owner.headers().cookie ?? "").split("=", 2);
  await page.context().addCookies([{ name, value, url }]);
  return page;
}

type InTranscript = { typed: number[]; scrubbed: number[] };

async function inTranscript(lab: Lab, browser: Browser, url: string, office: Office): Promise<InTranscript> {
  const lines = Array.from({ length: EVENTS / 2 }, (_, i) => `@say **${i}** done.`);
  const run = await office.owner.wake(office.company, office.agent, lines.join("\n"));
  await until(
    "the end of the long run",
    async () => (await office.owner.run(office.company, run)).state === "ended" || undefined,
    WRITE_MS,
  );
  const page = await openAs(browser, url, office);
  await page.goto(`/c/${office.company}/agents/${office.agent}`);
  await page.getByRole("log").getByText("Finished").waitFor();
  const field = page.getByRole("textbox", { name: /^(Ask|Steer) / });
  const typed = await repeated(lab, `transcript of ${EVENTS} events`, page, typing(field));
  const slider = page.getByRole("slider", { name: "Step of the run" });
  return { typed, scrubbed: await repeated(lab, `replay of ${EVENTS} events`, page, scrubbing(slider)) };
}

async function inConversation(lab: Lab, browser: Browser, url: string, office: Office): Promise<number[]> {
  const session = await quietSession(office);
  for (let i = 0; i < MESSAGES; i++) await office.owner.post(office.company, session, `Message **${i}** of a long talk.`);
  const page = await openAs(browser, url, office);
  await page.goto(`/c/${office.company}/chats/${session}`);
  const log = page.getByRole("log", { name: /^Messages of / });
  await log.getByText(`Message ${MESSAGES - 1} of`).waitFor();
  // The reader has been all the way up, so that the page holds every message.
  await until(
    "the first message",
    async () => {
      await log.press("Home");
      return (await log.getByText("Message 0 of").isVisible()) || undefined;
    },
    WRITE_MS,
  );
  return repeated(lab, `conversation of ${MESSAGES} messages`, page, typing(page.getByRole("textbox", { name: /^Message/ })));
}

async function inBarePage(lab: Lab, browser: Browser): Promise<number[]> {
  const page = await openPage(browser);
  await page.setContent('<label>Write <textarea rows="1"></textarea></label>');
  return repeated(lab, "bare page", page, typing(page.getByRole("textbox")));
}

export const web: Benchmark = {
  name: "web",
  about: "from a press to the next paint, in screens with a lot on them",
  async run(lab): Promise<Figure[]> {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new Error(noChromium());
    const instance = await startInstance();
    const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });
    try {
      await instance.ready();
      const office = await foundCompany(instance);
      const floor = { what: "the same keys in a bare page", samples: await inBarePage(lab, browser) };
      const goal = { most: 100 };
      const { typed, scrubbed } = await inTranscript(lab, browser, instance.url, office);
      return [
        {
          what: `slowest press in a transcript of ${EVENTS} events`,
          unit: "ms",
          samples: typed,
          goal,
          floor,
        },
        { what: `slowest step back in a replay of ${EVENTS} events`, unit: "ms", samples: scrubbed, goal, floor },
        {
          what: `slowest press in a conversation of ${MESSAGES} messages`,
          unit: "ms",
          samples: await inConversation(lab, browser, instance.url, office),
          goal,
          floor,
        },
      ];
    } finally {
      await browser.close();
      await instance.remove();
    }
  },
};
