import { readFileSync } from "node:fs";
import type { Download, Page } from "@playwright/test";
import { PDFDocument, StandardFonts } from "pdf-lib";
import { expectAccessible } from "./support/accessible.ts";
import { lines } from "./support/scripts.ts";
import { PHONE } from "./support/seat.ts";
import { beginTalk, Talk } from "./support/talk.ts";
import { expect, test } from "./support/test.ts";

const MIB = 1024 * 1024;

/** A PDF of twelve pages with a sentence on each, as large as asked for. */
async function makeReport(bytes: number): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (let page = 1; page <= 12; page++)
    pdf.addPage([595, 842]).drawText(`On page ${page}, revenue grew by ${page * 11} percent.`, { x: 60, y: 700, size: 18, font });
  await pdf.attach(
    Uint8Array.from({ length: bytes }, (_, i) => (i * 7_919) >> 5),
    "figures.bin",
    {
      mimeType: "application/octet-stream",
    },
  );
  const saved = Buffer.from(await pdf.save());
  return Buffer.concat([saved, Buffer.alloc(Math.max(0, bytes - saved.length), "\n")]);
}

/** Drops a file on a part of the page, as from a folder of the person's machine. */
async function drop(page: Page, on: string, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  await page.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.id = "dropped";
    document.body.append(input);
  });
  await page.setInputFiles("#dropped", file);
  await page.evaluate((selector) => {
    const input = document.querySelector<HTMLInputElement>("#dropped");
    const target = document.querySelector(selector);
    const transfer = new DataTransfer();
    for (const one of input?.files ?? []) transfer.items.add(one);
    for (const type of ["dragenter", "dragover", "drop"])
      target?.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    input?.remove();
  }, on);
}

async function textOf(download: Download): Promise<string> {
  return readFileSync(await download.path(), "utf8");
}

test("a 12 MB PDF is dropped into the talk, the agent quotes page 7, and the report it wrote is downloaded", async ({
  office,
  sit,
}) => {
  const session = await beginTalk(office.ana, office.company, { agentId: office.agent, title: "Quarter" });
  const ana = new Talk(await sit(office.ana), office.company, session);
  await ana.open();
  const buffer = await makeReport(12 * MIB);
  await drop(ana.seat.page, "textarea", { name: "quarter.pdf", mimeType: "application/pdf", buffer });
  await expect(ana.seat.page.getByRole("list", { name: "Files to send" })).toContainText("quarter.pdf");
  await expect(ana.seat.page.getByText("12.0 MB", { exact: true })).toBeVisible({ timeout: 30_000 });
  const report = "# Report\n\nOn page 7, revenue grew by 77 percent.\n";
  await ana.say(
    lines(
      "What does page 7 say? Write a report.",
      '@tool read_file {"path":"inbox/quarter.pdf","pages":"7"}',
      "@then",
      `@tool write_file ${JSON.stringify({ path: "report.md", content: report })}`,
      "@then",
      "@say Page 7 says: revenue grew by 77 percent. The report is in report.md.",
    ),
  );
  await expect(ana.answer("Guide", "revenue grew by 77 percent")).toBeVisible();

  await ana.seat.page.getByRole("link", { name: "Library" }).click();
  await ana.seat.page.getByRole("link", { name: /report\.md/ }).click();
  const viewer = ana.seat.page.getByRole("region", { name: "report.md" });
  await expect(viewer.getByRole("heading", { name: "Report", exact: true })).toBeVisible();
  const downloading = ana.seat.page.waitForEvent("download");
  await viewer.getByRole("link", { name: "Download" }).click();
  const download = await downloading;
  expect([download.suggestedFilename(), await textOf(download)]).toEqual(["report.md", report]);

  // What the agent read is what the tool found on that page.
  await viewer.getByRole("link", { name: "The run that wrote it" }).click();
  await ana.seat.log.locator("summary", { hasText: "read_file" }).click();
  await expect(ana.seat.log).toContainText("[Page 7 of 12]");
  await expect(ana.seat.log).toContainText("On page 7, revenue grew by 77 percent.");
});

test("a file is uploaded in the library, turned page by page, and deleted", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  const { page } = ana;
  await page.goto(`/c/${office.company}/files`);
  await expect(page.getByText("No files yet")).toBeVisible();
  const buffer = await makeReport(1_000);
  await drop(page, ".file-list", { name: "../quarter\n.pdf", mimeType: "text/html", buffer });
  const viewer = page.getByRole("region", { name: "quarter .pdf" });
  await expect(viewer).toBeVisible();
  await expect(viewer.getByRole("img", { name: "Page 1 of quarter .pdf" })).toBeVisible();
  await expect(viewer).toContainText("On page 1, revenue grew by 11 percent.");
  await viewer.getByRole("spinbutton", { name: "Page" }).fill("7");
  await expect(viewer).toContainText("On page 7, revenue grew by 77 percent.");
  await expectAccessible(ana, "a PDF in the library");
  await viewer.getByRole("button", { name: "Delete the file" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(viewer).toBeHidden();
  await expect(page.getByText("No files yet")).toBeVisible();
});

test("what an agent made runs in a frame of another origin, and reaches nothing of ours", async ({ office, sit }) => {
  const spy = `<h1>Hello</h1><p id="seen"></p><script>
    const tries = {
      cookie: () => document.cookie,
      storage: () => localStorage.length,
      parent: () => parent.document.title,
    };
    const seen = Object.entries(tries).map(([name, look]) => { try { look(); return name + " open"; } catch { return name + " shut"; } });
    const net = (name, ask) => ask.then(() => name + " open", () => name + " shut");
    Promise.all([net("api", fetch("/api/me")), net("app", fetch(document.referrer || "/"))])
      .then((asked) => { document.querySelector("#seen").textContent = [origin, ...seen, ...asked].join(", "); });
  </script>`;
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.say(lines("Draw", `@tool write_file ${JSON.stringify({ path: "page.html", content: spy })}`, "@say Drawn."));
  await expect(ana.log).toContainText("Drawn.");
  await ana.page.getByRole("link", { name: "Workspace" }).click();
  await ana.page.getByRole("button", { name: /page\.html/ }).click();
  const frame = ana.page.getByTitle("Result of page.html");
  const address = new URL((await frame.getAttribute("src")) ?? "", ana.page.url());
  expect(address.host).not.toBe(new URL(ana.page.url()).host);
  expect(await frame.getAttribute("sandbox")).toBe("allow-scripts");
  await expect(ana.page.frameLocator("iframe").locator("#seen")).toHaveText(
    "null, cookie shut, storage shut, parent shut, api shut, app shut",
  );
  ana.errors.length = 0; // the browser reports each of these tries
});

test("what a run changed is read line by line, also on a phone", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.open(office);
  const write = (content: string) => `@tool write_file ${JSON.stringify({ path: "plan.md", content })}`;
  await ana.say(lines("First", write("one\ntwo\nthree\n"), "@say First done."));
  await expect(ana.log).toContainText("Finished");
  await ana.say(lines("Second", write("one\n2\nthree\n"), "@say Second done."));
  await expect(ana.log).toContainText("Second done.");
  await ana.page.getByRole("link", { name: "See what changed" }).click();
  const change = ana.page.getByRole("region", { name: "Changed: plan.md" });
  await expect(change).toContainText("+1");
  await expect(change.locator("pre")).toHaveText(/Line 1\s+one\s+-two\s+\+2\s+three/);
  await expectAccessible(ana, "the changes of a run");

  const phone = await sit(office.ana, PHONE);
  await phone.page.goto(new URL(ana.page.url()).pathname);
  await expect(phone.page.getByRole("region", { name: "Changed: plan.md" })).toContainText("+2");
  await phone.page.getByRole("link", { name: "Open" }).tap();
  await expect(phone.page.getByRole("combobox", { name: "Version" })).toContainText("2 of 2");
  await phone.page.getByRole("button", { name: "Back to the files" }).tap();
  await expect(phone.page.getByRole("link", { name: /plan\.md/ })).toBeVisible();
});
