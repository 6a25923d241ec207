import { expect, test } from "vitest";
import { isForOthers, qrLines } from "./qr.ts";
import { readyBlock } from "./terminal.ts";

test.each(["http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000"])("%s is for this machine alone", (url) => {
  expect(isForOthers(url)).toBe(false);
});
test.each(["http://192.168.1.20:3000", "https://atrium.example.com"])("%s can be opened by a phone", (url) => {
  expect(isForOthers(url)).toBe(true);
});

test("the code is a square of half blocks that fits a terminal", async () => {
  const lines = await qrLines("http://192.168.100.200:3000/join?invite=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq", false);
  const width = lines[0]?.length ?? 0;
  expect(lines.every((line) => line.length === width)).toBe(true);
  expect(Math.abs(lines.length * 2 - width)).toBeLessThanOrEqual(1);
  expect(width).toBeLessThan(80);
  expect(lines.join("")).toMatch(/^[█▀▄ ]+$/);
  const [coloured] = await qrLines("http://192.168.1.20:3000", true);
  expect(coloured?.startsWith("\u001b[30;107m")).toBe(true);
  expect(coloured?.endsWith("\u001b[0m")).toBe(true);
});

test("the block says what the code is for, below the address", () => {
  const facts = { url: "http://192.168.1.20:3000", ownerLink: undefined, data: "/data", qr: ["██", "▀▀"] };
  expect(readyBlock(facts).split("\n").slice(-5)).toEqual(["", "  Scan to open it on a phone:", "  ██", "  ▀▀", ""]);
});
