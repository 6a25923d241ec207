/** The thread that reads a PDF: a file from outside meets the parser here, where it can neither hang nor fill a runner. */
import { parentPort } from "node:worker_threads";
import { getDocumentProxy } from "unpdf";
import type { PdfAnswer, PdfPage, PdfRequest } from "./pages.ts";

async function read({ data, range, chars }: PdfRequest): Promise<PdfAnswer> {
  const pdf = await getDocumentProxy(data, { verbosity: 0 });
  const pages: PdfPage[] = [];
  let length = 0;
  for (let page = range.first; page <= Math.min(range.last, pdf.numPages) && length <= chars; page++) {
    const { items } = await (await pdf.getPage(page)).getTextContent();
    const text = items
      .map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : ""))
      .join("")
      .trim();
    pages.push({ page, text });
    length += text.length;
  }
  return { kind: "read", total: pdf.numPages, pages };
}

parentPort?.once("message", (request: PdfRequest) => {
  read(request)
    .catch((error: unknown): PdfAnswer => {
      const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
      return name === "PasswordException" ? { kind: "locked" } : { kind: "broken", why: message };
    })
    .then((answer) => parentPort?.postMessage(answer));
});
