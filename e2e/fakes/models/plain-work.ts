/**
 * The little that a fake model does for plain words, so that a journey reads like work: "quote page 7 of plan.pdf and
 * write a report" reads the page, writes `report.md` with the quotation and says so.
 */
import type { Answer, Heard, Said } from "./brain.ts";

/** characters of a page that are quoted */
const QUOTE_CHARS = 300;
/** Where the attachments of a conversation are put. */
const INBOX = "inbox/";
const REPORT = "report.md";

/** undefined when the newest request names no page of a file. */
export function plainWork(messages: readonly Heard[], tools: readonly string[]): Answer | undefined {
  const at = messages.findLastIndex(({ role }) => role === "user");
  const request = messages[at]?.text ?? "";
  const page = /\bpage (\d{1,4})\b/i.exec(request)?.[1];
  const file = /[\w./-]+\.pdf\b/i.exec(request)?.[0];
  if (!page || !file || !tools.includes("read_file")) return undefined;
  const results = messages.slice(at + 1).filter(({ role }) => role === "result");
  const [read, written] = results;
  const path = file.startsWith(INBOX) ? file : INBOX + file;
  if (!read) return { says: [call("read_file", { path, pages: page })] };
  const quote = read.text.replace(/\s+/g, " ").trim().slice(0, QUOTE_CHARS);
  const said: Said = { kind: "text", text: `Page ${page} of ${file} says: “${quote}”` };
  const wantsReport = /\breport\b/i.test(request) && tools.includes("write_file");
  if (!wantsReport) return { says: [said] };
  if (!written) {
    return { says: [said, call("write_file", { path: REPORT, content: `# Page ${page} of ${file}\n\n> ${quote}\n` })] };
  }
  return { says: [{ kind: "text", text: `The report is in ${REPORT}. ${said.text}` }] };
}

function call(name: string, input: object): Said {
  return { kind: "tool", name, input: JSON.stringify(input) };
}
