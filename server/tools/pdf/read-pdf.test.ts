import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PDFDocument, StandardFonts } from "pdf-lib";
import { beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../sandbox.ts";
import { callTool, temporaryFolder } from "../testing/workbench.ts";

const NO_SANDBOX: Sandbox = { kind: "none", reason: "not used", users: undefined };
const MIB = 1024 * 1024;
let book: Uint8Array;

/** A PDF with a sentence on each page. */
async function makePdf(pages: number, words = (page: number) => `This is page ${page}.`): Promise<PDFDocument> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (let page = 1; page <= pages; page++)
    pdf.addPage([300, 200]).drawText(words(page), { x: 20, y: 190, size: 4, lineHeight: 4, font });
  return pdf;
}

beforeAll(async () => {
  book = await (await makePdf(12)).save({ useObjectStreams: false });
});

async function read(content: Uint8Array | string, more: object = {}, name = "book.pdf") {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, name), content);
  return await callTool(NO_SANDBOX, workspace, "read_file", { path: name, ...more });
}

describe("read_file on a PDF", () => {
  test("gives the page asked for", async () => {
    expect(await read(book, { pages: "7" })).toEqual({ ok: true, output: "[Page 7 of 12]\nThis is page 7.", truncated: false });
  });

  test("gives a range, and all of a short one", async () => {
    const range = await read(book, { pages: "3-5" });
    expect(range.output).toBe([3, 4, 5].map((page) => `[Page ${page} of 12]\nThis is page ${page}.`).join("\n\n"));
    expect((await read(book)).output).toContain("[Page 12 of 12]");
  });

  test("says how many pages there are when one is asked for that is not", async () => {
    const outcome = await read(book, { pages: "13" });
    expect(outcome).toMatchObject({ ok: false, output: '"book.pdf" has 12 pages. Ask for one of these.' });
  });

  test("cuts a long one and says how to go on", async () => {
    const long = await makePdf(60, (page) =>
      Array.from({ length: 40 }, (_, line) => `Page ${page}, line ${line}, and some more words.`).join("\n"),
    );
    const outcome = await read(await long.save());
    expect(outcome.truncated).toBe(true);
    expect(outcome.output).toMatch(
      /\[Output was cut at page \d+ of 60\. Ask for others with pages, for example "\d+" or "\d+-\d+"\.\]$/,
    );
  });

  test("goes by the content and not by the name", async () => {
    expect((await read(book, { pages: "2" }, "notes.txt")).output).toContain("This is page 2.");
    expect(await read("no pdf", { pages: "2" }, "book.pdf")).toMatchObject({
      ok: false,
      output: '"book.pdf" is no PDF, so it has no pages. Read it without them.',
    });
  });

  test("tells a locked, a broken and a scanned one apart", async () => {
    const text = Buffer.from(book).toString("latin1");
    const key = "00".repeat(32);
    const lock = `/Encrypt << /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >> /ID [<00> <00>]`;
    const locked = Buffer.from(text.replace(/trailer\s*<</, `trailer\n<< ${lock}`), "latin1");
    expect((await read(locked)).output).toBe('"book.pdf" is locked with a password. Ask for a copy without one.');
    expect((await read(book.slice(0, 400))).output).toBe(
      '"book.pdf" cannot be read as a PDF: it is damaged or not whole. Ask for it again.',
    );
    const scanned = await PDFDocument.create();
    scanned.addPage([300, 200]);
    expect((await read(await scanned.save())).output).toContain("they are pictures, as a scanner makes them");
  });

  test("reads one of 40 MB, and refuses one past the limit with the limit", async () => {
    const pdf = await makePdf(8);
    await pdf.attach(new Uint8Array(40 * MIB).fill(7), "ballast.bin", { mimeType: "application/octet-stream" });
    const bytes = await pdf.save({ useObjectStreams: false });
    expect(bytes.length).toBeLessThan(64 * MIB);
    const large = Buffer.concat([bytes, Buffer.alloc(Math.max(0, 40 * MIB - bytes.length), "\n")]);
    expect((await read(large, { pages: "7" })).output).toBe("[Page 7 of 8]\nThis is page 7.");
    const huge = Buffer.concat([bytes, Buffer.alloc(65 * MIB)]);
    expect((await read(huge)).output).toMatch(/MiB; PDFs up to 64 MiB can be read/);
  });
});
