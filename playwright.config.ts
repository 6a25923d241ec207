/** Journeys of people: a real Chromium against a whole Atrium, which the tests start on a data folder of their own. */
import { defineConfig } from "@playwright/test";
import { findChromium, noChromium } from "./e2e/harness/programs.ts";

const CHROMIUM = findChromium();
if (CHROMIUM === undefined) throw new Error(noChromium());

export default defineConfig({
  testDir: "e2e/journeys",
  outputDir: "test-results",
  reporter: "list",
  // Two cores are enough for one Atrium and one browser; a second pair would only make both late.
  workers: 1,
  // A journey that needs a second try is a journey that fails.
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  timeout: 45_000,
  // A killed process may take five seconds to serve again and its viewers ten to converge.
  expect: { timeout: 12_000 },
  use: {
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // Requests of a service worker pass by the routes a journey sets up; the one about it lets it in.
    serviceWorkers: "block",
    // Snapshots of the page are enough to see what happened; filming it would slow the run down.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    actionTimeout: 12_000,
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        "--headless",
        // Chromium's own sandbox needs rights a container or root does not give; the pages are our own.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
