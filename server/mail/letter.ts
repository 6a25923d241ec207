/** A mail as the rest of Atrium writes it, and the HTML that goes beside its text. */

export type Letter = {
  /** one address */
  to: string;
  /** one line */
  subject: string;
  /** plain text; paragraphs are separated by an empty line, links stand alone on their line */
  text: string;
  /** what it is about, for logs and counts: `reset`, `invite`, `notice` */
  kind: string;
  /** ISO 8601; of no use after this, so it is not sent later */
  until?: string;
};

const ESCAPED: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const LINK = /https?:\/\/[^\s<>"']+/g;

/**
 * The text as HTML: paragraphs and links and nothing else. No picture, style or script is fetched from anywhere, so
 * opening a mail tells nobody.
 */
export function htmlOf(text: string): string {
  const paragraphs = text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => `<p>${linked(paragraph).replaceAll("\n", "<br>")}</p>`);
  return `<!doctype html><html><body style="font-family:sans-serif;font-size:15px;line-height:1.5">${paragraphs.join("")}</body></html>`;
}

function linked(text: string): string {
  let html = "";
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const url = escaped(match[0]);
    html += `${escaped(text.slice(from, match.index))}<a href="${url}">${url}</a>`;
    from = match.index + match[0].length;
  }
  return html + escaped(text.slice(from));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPED[char] ?? char);
}
