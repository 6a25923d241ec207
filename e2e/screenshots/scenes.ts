/** What happens in the company while pictures are taken, one scene after the other. */
import { expect } from "@playwright/test";
import { PDFDocument, StandardFonts } from "pdf-lib";
import type { Seat } from "../journeys/support/seat.ts";
import { beginTalk, Talk } from "../journeys/support/talk.ts";
import type { Camera } from "./camera.ts";
import type { Company, Staffed } from "./company.ts";
import { ASKED, CORRECTED } from "./story.ts";

export type Scene = {
  /** at a desk */
  ana: Seat;
  /** with a phone */
  bo: Seat;
  office: Staffed;
  camera: Camera;
};

/** ms after which a decision that may be taken back for a while has surely counted, and its run gone on */
const HELD_MS = 30_000;

/** Before there is a key: what the first page of a new company says. */
export async function firstDay(ana: Seat, { company }: Company, camera: Camera): Promise<void> {
  await ana.page.goto(`/c/${company}`);
  await expect(ana.page.getByRole("link", { name: "Add a key" })).toBeVisible();
  await camera.take(ana.page, "first-day");
}

/** A conversation of two people and three agents, with a file, a mention and a corrected typo. */
export async function talk({ ana, bo, office, camera }: Scene): Promise<void> {
  const { company, guide, scout, quill } = office;
  const agents = [guide, scout, quill];
  const suppliers = await beginTalk(office.bo, company, { agentId: scout, title: "Suppliers" });
  await office.bo.post(company, suppliers, ASKED.supplier);
  const session = await beginTalk(office.ana, company, { agentId: guide, agents, title: "Spring launch" });
  const desk = new Talk(ana, company, session);
  const phone = new Talk(bo, company, session);
  await desk.open();
  await phone.open();
  const brief = { name: "launch-brief.pdf", mimeType: "application/pdf", buffer: await launchBrief() };
  await ana.page.locator(".composer input[type=file]").setInputFiles(brief);
  await expect(ana.page.getByRole("list", { name: "Files to send" })).toContainText("launch-brief.pdf");
  await expect(ana.button("Send")).toBeEnabled();
  await desk.say(`@Scout ${ASKED.prices}`);
  await expect(desk.answer("Scout", "Page 2 names three plans")).toBeVisible();
  await phone.say(ASKED.starter);
  await expect(desk.answer("Guide", "the table stays as it is")).toBeVisible();
  await desk.say(`@Quill ${ASKED.announce}`);
  await expect(desk.answer("Quill", "three sentences with the date")).toBeVisible();
  await desk.field.press("ArrowUp");
  const edit = ana.page.getByRole("textbox", { name: "Change the message" });
  await edit.fill(`@Quill ${CORRECTED}`);
  await edit.press("Enter");
  await expect(desk.message(CORRECTED)).toContainText("had already acted on the old text");
  await expect(ana.page.getByRole("link", { name: /^Conversations ?, 2 unread/ })).toBeVisible();
  await camera.take(ana.page, "chat");
  await camera.take(bo.page, "chat-phone");
}

/** A run that asks before a command, an agent that asks a question, and a yes that is remembered. */
export async function consent({ ana, bo, office, camera }: Scene): Promise<void> {
  const { company, guide, scout } = office;
  await office.ana.wake(company, guide, ASKED.build);
  await ana.open({ company, agent: guide });
  await ana.allow.click();
  await expect(ana.ended("Finished")).toBeVisible();
  await office.bo.wake(company, scout, ASKED.tax);
  await office.ana.wake(company, guide, ASKED.check);
  await bo.open({ company, agent: guide });
  await expect(ana.allow).toBeVisible();
  await camera.take(ana.page, "agent");

  await bo.page.goto(`/c/${company}/needs`);
  await bo.page.getByRole("option", { name: /npm run check/ }).tap();
  await expect(bo.page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true })).toBeVisible();
  await camera.take(bo.page, "card-phone");

  await ana.page.goto(`/c/${company}/needs`);
  await ana.page.getByRole("option", { name: /npm run check/ }).click();
  await expect(ana.button("Allow")).toBeEnabled();
  await camera.take(ana.page, "needs");
  await ana.button("Allow and remember").click();
  const dialog = ana.page.getByRole("dialog");
  await dialog.getByText("npm run *", { exact: true }).click();
  await dialog.getByLabel("How long").selectOption("For 7 days");
  await expect(dialog.getByText(/it would have covered 1 of 1 other/)).toBeVisible();
  await camera.take(ana.page, "remember");
  await dialog.getByRole("button", { name: "Allow these calls" }).click();
  await expect(ana.page.getByText(/You allow this in/)).toBeVisible();
  await ana.open({ company, agent: guide });
  await expect(ana.ended("Finished")).toBeVisible({ timeout: HELD_MS });
}

/** Runs: the list, a replay, the search. */
export async function runs({ ana, office, camera }: Scene): Promise<void> {
  const { company, quill } = office;
  const slider = ana.page.getByRole("slider", { name: "Step of the run" });
  await slider.focus();
  await slider.press("Home");
  for (let step = 0; step < 20 && !(await ana.gate.isVisible()); step++) await slider.press("ArrowRight");
  await camera.take(ana.page, "replay");
  await office.bo.wake(company, quill, ASKED.newsletter);
  await ana.page.goto(`/c/${company}/runs`);
  await expect(ana.page.getByRole("link", { name: /spring newsletter/ }).first()).toContainText("Working");
  await camera.take(ana.page, "runs");
  await ana.page.keyboard.press("Control+k");
  await ana.page.getByRole("combobox", { name: /^Search/ }).fill("prices brief");
  await expect(ana.page.getByRole("option").first()).toBeVisible();
  await camera.take(ana.page, "search");
  await ana.page.keyboard.press("Escape");
}

/** The library, models, patterns, members and notifications. */
export async function settings({ ana, office: { company }, camera }: Scene): Promise<void> {
  await ana.page.goto(`/c/${company}/files`);
  await ana.page.getByRole("link", { name: /prices\.md/ }).click();
  await expect(ana.page.getByRole("region", { name: "prices.md" }).getByRole("table")).toBeVisible();
  await camera.take(ana.page, "library");
  await ana.page.goto(`/c/${company}/settings/models`);
  await expect(ana.page.getByText("Works: 3 models.")).toBeVisible();
  await camera.take(ana.page, "models");
  await ana.page.goto(`/c/${company}/settings/patterns`);
  await expect(ana.page.getByRole("button", { name: /^Revoke / })).toBeVisible();
  await camera.take(ana.page, "patterns");
  await ana.page.goto(`/c/${company}/settings/members`);
  await ana.button("Make an invite link").click();
  await expect(ana.page.getByRole("textbox", { name: "Invite link" })).toBeVisible();
  await camera.take(ana.page, "invite");
}

/** The Floor while an agent writes, and what the phone shows of it. */
export async function outAndAbout({ ana, bo, office: { company }, camera }: Scene): Promise<void> {
  for (const { page } of [ana, bo]) {
    await page.goto(`/c/${company}`);
    await expect(page.getByText("Draft the spring newsletter").first()).toBeVisible();
  }
  await camera.take(ana.page, "floor");
  await camera.take(bo.page, "floor-phone");
  await bo.page.goto(`/c/${company}/settings/notifications`);
  await expect(bo.page.getByRole("heading", { name: "What you are told of" })).toBeVisible();
  await camera.take(bo.page, "notifications-phone");
}

/** Three pages with a sentence or two on each. */
async function launchBrief(): Promise<Buffer> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const pages = [
    "Launch brief. Studio 3 opens on the first of April.",
    "Prices. Starter 9 EUR a month, Studio 29 EUR, Company 79 EUR. A year costs ten months.",
    "Words we use. Boards, strokes, harbour. Words we avoid: solution, seamless.",
  ];
  for (const words of pages) pdf.addPage([595, 842]).drawText(words, { x: 60, y: 740, size: 14, font, maxWidth: 470 });
  return Buffer.from(await pdf.save());
}
