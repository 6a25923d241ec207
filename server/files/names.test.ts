import { expect, test } from "vitest";
import { contentDisposition, safeName } from "./names.ts";

test.each([
  ["report.pdf", "report.pdf"],
  ["../../etc/passwd", "passwd"],
  ["..\\..\\windows\\system.ini", "system.ini"],
  ["/etc/shadow", "shadow"],
  ["a/b/", "b"],
  ["..", "file"],
  [".", "file"],
  ["", "file"],
  ["   ", "file"],
  ["///", "file"],
  [".env", ".env"],
  ["two\nlines\r\n.txt", "two lines .txt"],
  ["tab\tand\0nul.txt", "tab and nul.txt"],
  // shown right to left, this would read "annexe.pdf"
  ["ann\u202efdp.exe", "ann fdp.exe"],
  ["in\u2066vis\u2069ible\u200b.txt", "in vis ible .txt"],
  ["half \ud83d.txt", "half .txt"],
  // one spelling of ü, whichever way a disk wrote it
  ["u\u0308ber.txt", "über.txt"],
  ["Ångström 日本.md", "Ångström 日本.md"],
])("%j is kept as %j", (given, kept) => {
  expect(safeName(given)).toBe(kept);
});

test("a long name is cut in whole characters and keeps its ending", () => {
  const name = safeName(`${"語".repeat(300)}.pdf`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(name).toMatch(/^語+\.pdf$/);
  expect(Buffer.byteLength(safeName(`${"x".repeat(300)}.${"y".repeat(300)}`))).toBeLessThanOrEqual(200);
});

test("a header carries any name and cannot be broken by one", () => {
  expect(contentDisposition("attachment", `q"u\\o%te;.txt`)).toBe(
    `attachment; filename="q_u_o_te;.txt"; filename*=UTF-8''q%22u%5Co%25te%3B.txt`,
  );
  expect(contentDisposition("inline", "größe.png")).toBe(`inline; filename="gr__e.png"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png`);
});
