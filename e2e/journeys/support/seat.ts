/** A person at a browser: what they can press and what they see, in their words. */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  devices,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import type { ApiClient } from "../../harness/api-client.ts";

export type Device = BrowserContextOptions;
export const DESK: Device = { viewport: { width: 1440, height: 900 } };
export const PHONE: Device = devices["Pixel 7"] ?? {};

/** px; every row of a test's transcript is on such a screen, which a list that draws only what is in sight needs */
const TALL_PX = 8_000;

/**
 * Networks fail in these tests, and some of them are plain HTTP, where a browser leaves out a protection. It reports that on its
 * console, and it is no error of the page.
 */
const NETWORK_NEWS = /^(Failed to load resource|WebSocket connection to|The Cross-Origin-Opener-Policy header has been ignored)/;

type Place = { company: string; agent: string };

export class Seat {
  readonly page: Page;
  readonly context: BrowserContext;
  /** uncaught errors of the page, and what it wrote to the console as an error */
  readonly errors: string[] = [];
  readonly #phone: boolean;

  private constructor(page: Page, phone: boolean) {
    this.page = page;
    this.context = page.context();
    this.#phone = phone;
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("console", (line) => {
      if (line.type() === "error" && !NETWORK_NEWS.test(line.text())) this.errors.push(line.text());
    });
  }

  static async take(browser: Browser, url: string, who: ApiClient | undefined, device: Device): Promise<Seat> {
    const context = await browser.newContext({ baseURL: url, ...device });
    const cookie = /^([^=]+)=(.*)$/.exec(who?.headers().cookie ?? "");
    if (cookie) await context.addCookies([{ name: cookie[1] ?? "", value: cookie[2] ?? "", url }]);
    return new Seat(await context.newPage(), device.isMobile === true);
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  /** Presses by finger on a phone, by mouse on a desk. */
  async press(what: Locator): Promise<void> {
    await (this.#phone ? what.tap() : what.click());
  }

  async open({ company, agent }: Place): Promise<void> {
    await this.page.goto(`/c/${company}/agents/${agent}`);
    await this.entered();
  }

  /** Resolves when this page is live in the agent's room. */
  async entered(): Promise<void> {
    await expect(this.composer).toBeVisible();
    await expect(this.page.getByRole("status").filter({ hasText: "Connecting" })).toBeHidden();
  }

  /** Where a person writes to the agent. */
  get composer(): Locator {
    return this.page.getByRole("textbox", { name: /^(Ask|Steer) / });
  }

  /** Writes to the agent and sends: a new run, or a note to the one that is live. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.press(this.button(/^(Start a run|Send the note)$/));
    await expect(this.composer).toHaveValue("");
  }

  /** The transcript of the run on the screen; what it holds is what is in sight. */
  get log(): Locator {
    return this.page.getByRole("log", { name: /^Transcript of / });
  }

  /** The approval in the transcript. */
  get gate(): Locator {
    return this.log.getByRole("region", { name: /^Approval: / });
  }

  get allow(): Locator {
    return this.gate.getByRole("button", { name: "Allow", exact: true });
  }

  get deny(): Locator {
    return this.gate.getByRole("button", { name: "Deny", exact: true });
  }

  /** What the agent has written so far, where it contains `text`. */
  written(text: string): Locator {
    return this.log.locator(".prose").filter({ hasText: text });
  }

  /** The line with which a run ended. */
  ended(how: string): Locator {
    return this.log.getByRole("article").filter({ hasText: new RegExp(`^(\\d\\d:\\d\\d:\\d\\d)?${how}`) });
  }

  /** The line of a tool call. */
  call(name: string): Locator {
    return this.log.locator("details.tool > summary").filter({ has: this.page.locator("b", { hasText: name }) });
  }

  /** Every row of the run as text, with each tool call opened. Times beside the rows are left out: a phone shows none. */
  async transcript(): Promise<string[]> {
    const before = this.page.viewportSize();
    await this.page.setViewportSize({ width: before?.width ?? 0, height: TALL_PX });
    const calls = this.log.locator("details.tool");
    await expect(this.log.locator("[data-index='0']")).toBeAttached();
    await calls.evaluateAll((all) => {
      for (const call of all) if (!call.hasAttribute("open")) call.querySelector("summary")?.click();
    });
    await expect(calls.locator(".tool-body")).toHaveCount(await calls.count());
    const rows = await this.log.locator("[data-index]").evaluateAll((all) =>
      all.map((row) => {
        const copy = row.cloneNode(true) as Element;
        for (const time of copy.querySelectorAll("time")) time.remove();
        return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
      }),
    );
    if (before) await this.page.setViewportSize(before);
    return rows;
  }

  /** From now on notes each text that was on the screen while the agent was writing it, in order. */
  async watchWriting(): Promise<() => Promise<string[]>> {
    const seen = await this.page.evaluateHandle(() => {
      const texts: string[] = [];
      new MutationObserver(() => {
        for (const caret of document.querySelectorAll(".prose .caret")) {
          const text = caret.parentElement?.textContent ?? "";
          if (text !== "" && text !== texts.at(-1)) texts.push(text);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
      return texts;
    });
    return () => seen.jsonValue();
  }

  /** Proves that both are in the room: what one begins to write shows at the other. */
  async hears(other: Seat, name: string): Promise<void> {
    await other.composer.pressSequentially("…");
    await expect(this.page.getByText(`${name} is typing`)).toBeVisible();
    await other.composer.press("Backspace");
    await expect(this.page.getByText(`${name} is typing`)).toBeHidden();
  }

  /** When this page was loaded, in ms since the epoch: the same number later means that nobody reloaded it. */
  loadedAt(): Promise<number> {
    return this.page.evaluate(() => performance.timeOrigin);
  }
}
