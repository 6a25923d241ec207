import { expect, test } from "vitest";
import { deviceName } from "./device-name.ts";

const MAC =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15";
const EDGE =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0";
const PHONE =
  "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

test("a browser is called what its person calls it", () => {
  expect([MAC, EDGE, PHONE, FIREFOX].map(deviceName)).toEqual([
    "Safari on Mac",
    "Edge on Windows",
    "Chrome on Android",
    "Firefox on Linux",
  ]);
});

test("a program is called by its name, anything else as it calls itself, and nothing by a name for nothing", () => {
  expect(deviceName("curl/8.5.0")).toBe("curl");
  expect(deviceName("a script of Ana")).toBe("a script of Ana");
  expect(deviceName("")).toBe("A browser");
});
