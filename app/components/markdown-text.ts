/** What may be linked and shown in a text that anybody may have written, and how a text that is still coming is read. */

const SAFE_PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/** The address of a link that may be followed; nothing for scripts, data, files and addresses that are not whole. */
export function safeHref(href: string): string | undefined {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return undefined;
  }
  return SAFE_PROTOCOLS.has(url.protocol) ? url.href : undefined;
}

const OWN_FILE = /^\/api\/companies\/[a-z0-9_]+\/files\/[a-z0-9_]+\/(?:content|preview)(?:\?[a-z0-9=&]*)?$/;

/** True for a picture that Atrium itself serves. */
export function isOwnFile(src: string): boolean {
  return OWN_FILE.test(src);
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Closes what stands open at the end of a text that is still being written, so that it does not change its looks with the
 * next piece: emphasis, code, a link whose address is not whole yet. An open fence needs no end: it reaches to the end.
 */
export function closeOpen(text: string): string {
  if (insideFence(text)) return text;
  const start = text.lastIndexOf("\n\n") + 1;
  const head = text.slice(0, start);
  let tail = text.slice(start);
  // A link is shown by its words until its address is there; a picture not at all.
  tail = tail
    .replace(/!\[[^\]\n]*(?:\]\([^)\n]*)?$/, "")
    .replace(/\[([^\]\n]*)(?:\]\([^)\n]*)?$/, (whole, words: string) =>
      whole.startsWith("[x") || whole.startsWith("[ ") ? whole : words,
    );
  const outside = tail.replace(/`[^`\n]*`/g, "");
  if ((outside.match(/`/g)?.length ?? 0) % 2 === 1) return `${head}${trimMarks(tail, /`$/)}${tail.endsWith("`") ? "" : "`"}`;
  for (const mark of ["**", "__", "~~"]) {
    const count = outside.split(mark).length - 1;
    if (count % 2 === 1) tail = tail.endsWith(mark) ? tail.slice(0, -mark.length) : `${tail.trimEnd()}${mark}`;
  }
  return head + tail;
}

function trimMarks(text: string, mark: RegExp): string {
  return text.replace(mark, "");
}

function insideFence(text: string): boolean {
  let open: string | undefined;
  for (const line of text.split("\n")) {
    const fence = FENCE.exec(line)?.[1];
    if (fence === undefined) continue;
    if (open === undefined) open = fence;
    else if (fence[0] === open[0] && fence.length >= open.length) open = undefined;
  }
  return open !== undefined;
}
