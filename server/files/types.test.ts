import { expect, test } from "vitest";
import { mayShowInline, shownAs, sniffType } from "./types.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489", "hex");
const bytes = (text: string) => Buffer.from(text, "latin1");

test.each([
  ["a picture with the name of a page", PNG, "index.html", "image/png"],
  ["a page with the name of a picture", bytes("<script>alert(1)</script>"), "cat.png", "text/plain"],
  ["a GIF that is also a script", bytes("GIF89a/*\x01\x00\x01\x00*/=1;alert(1)//"), "a.js", "image/gif"],
  ["a PDF that is also a page", bytes("%PDF-1.7\n<html><script>alert(1)</script>"), "a.html", "application/pdf"],
  ["a ZIP that is also a PDF's end", bytes("PK\x03\x04\x14\x00\x00\x00\x00\x00%PDF-1.7"), "a.pdf", "application/zip"],
  ["a program with the name of a text", bytes("\x7fELF\x02\x01\x01\x00\x00\x00"), "notes.txt", "application/x-elf"],
  ["Markdown", bytes("# Hi"), "README.md", "text/markdown"],
  ["a table", bytes("a,b\n1,2"), "data.csv", "text/csv"],
  ["a page", bytes("<p>Hi</p>"), "a.html", "text/html"],
  ["a drawing", bytes(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`), "a.svg", "image/svg+xml"],
  ["a drawing by any name", bytes(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "a.txt", "text/plain"],
  ["bytes of no kind", bytes("\x00\x01\x02\x03"), "a.txt", "application/octet-stream"],
  ["text that is no UTF-8", bytes("caf\xe9 au lait"), "a.txt", "application/octet-stream"],
  ["nothing", bytes(""), "a.txt", "text/plain"],
])("%s is %s", async (_what, head, name, mime) => {
  expect(await sniffType(head, name, true)).toBe(mime);
});

test("a text whose beginning ends within a character is still text", async () => {
  const head = Buffer.from("größe").subarray(0, 3);
  expect(await sniffType(head, "a.txt", false)).toBe("text/plain");
  expect(await sniffType(head, "a.txt", true)).toBe("application/octet-stream");
});

test("nothing that can run is shown in place", () => {
  for (const mime of [
    "text/html",
    "image/svg+xml",
    "application/xml",
    "text/markdown",
    "application/javascript",
    "application/zip",
  ])
    expect([mime, mayShowInline(mime)]).toEqual([mime, false]);
});

test("archives and unknown kinds show only facts", () => {
  for (const mime of [
    "application/zip",
    "application/gzip",
    "application/x-7z-compressed",
    "application/octet-stream",
    "image/tiff",
  ])
    expect([mime, shownAs(mime)]).toEqual([mime, "facts"]);
});
