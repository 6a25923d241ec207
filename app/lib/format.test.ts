import { expect, it } from "vitest";
import { ago, bytes, costText, duration, money, plural, took, until } from "./format.ts";

const AT = "2026-01-01T00:00:00.000Z";
const NOW = Date.parse(AT);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

it("writes running times as people read a clock", () => {
  expect([duration(9_400), duration(372_000), duration(2 * HOUR + 6 * MINUTE)]).toEqual(["0:09", "6:12", "2 h 06"]);
});

it("writes what a tool took with the digits that matter", () => {
  const times = [0, 49, 50, 210, 8_000, 14_400, 185_000];
  expect(times.map(took)).toEqual(["<0.1 s", "<0.1 s", "0.1 s", "0.2 s", "8 s", "14 s", "3:05"]);
});

it("says how long ago and how long until in the largest unit that is honest", () => {
  expect([0, 12_000, 6 * MINUTE, 3 * HOUR, 50 * HOUR].map((ms) => ago(AT, NOW + ms))).toEqual([
    "now",
    "12 s",
    "6 min",
    "3 h",
    "2 d",
  ]);
  const inMs = (ms: number) => until(new Date(NOW + ms).toISOString(), NOW);
  expect([inMs(768_000), inMs(5 * HOUR), inMs(7 * 24 * HOUR - 1_000), inMs(-1)]).toEqual(["12:48", "5 h", "7 days", "0:00"]);
});

it("writes sizes, sums and counts", () => {
  expect([bytes(812), bytes(49_152), bytes(1_258_291)]).toEqual(["812 B", "48 KB", "1.2 MB"]);
  expect(money(1_240_000)).toBe("$1.24");
  const costs = [costText(0, "unknown"), costText(1_240_000, "unknown"), costText(1_240_000, "list"), costText(0, undefined)];
  expect(costs).toEqual(["cost unknown", "at least $1.24", "$1.24", "$0.00"]);
  expect([plural(1, "run", "runs"), plural(1_200, "run", "runs")]).toEqual(["1 run", "1,200 runs"]);
});
