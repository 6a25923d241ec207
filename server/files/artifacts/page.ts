/** The documents inside the frame of artifacts, and what they may do: run, and nothing else. */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { ArtifactKind } from "../types.ts";

/** Draws diagrams; served by us, under the frame's own origin. */
export const DIAGRAM_SCRIPT = "/artifacts/lib/mermaid.js";

/**
 * Scripts run in an origin of their own, without network, forms, windows or frames. Where a frame may go is for the page around
 * it to say (its `frame-src`).
 * @param appHost the only page that may show it
 * @param scripts what may run beside what stands in the document
 */
function policyOf(appHost: string, scripts: string): string {
  return [
    "sandbox allow-scripts",
    "default-src 'none'",
    `script-src ${scripts}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "font-src data:",
    "media-src data: blob:",
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${appHost}`,
  ].join("; ");
}

/** Headers of a document in the frame. @param origin of the frame */
export function artifactHeaders(kind: ArtifactKind | "gone", origin: string, appHost: string): Headers {
  const headers = new Headers({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-dns-prefetch-control": "off",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()",
  });
  const set = (type: string, scripts: string): Headers => {
    headers.set("content-type", `${type}; charset=utf-8`);
    headers.set("content-security-policy", policyOf(appHost, scripts));
    return headers;
  };
  switch (kind) {
    case "page":
      return set("text/html", "'unsafe-inline'");
    case "drawing":
      return set("image/svg+xml", "'unsafe-inline'");
    case "diagram":
      return set("text/html", `${origin}${DIAGRAM_SCRIPT}`);
    case "gone":
      return set("text/html", "'none'");
    default:
      return assertNever(kind);
  }
}

/** The page that draws a diagram; without its script the source stands there to be read. */
export function diagramPage(source: string): string {
  return document("Diagram", `<pre id="source">${escapeText(source)}</pre>\n<script src="${DIAGRAM_SCRIPT}"></script>`);
}

export function gonePage(): string {
  return document("Gone", "<p>This view has expired. Close it and open the file again.</p>");
}

function document(title: string, body: string): string {
  const style = "body{margin:16px;font:14px/1.5 system-ui,sans-serif;color-scheme:light dark}pre{white-space:pre-wrap}";
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${style}</style></head>\n<body>${body}</body></html>\n`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
