import type { IconName } from "../../components/icon.tsx";
import { bytes, when } from "../../lib/format.ts";
import { showHidden } from "../../lib/visible-text.ts";
import type { StoredFile } from "./files-api.ts";

/** The sign of a kind of file. */
export function fileIcon({ shownAs, op }: Pick<StoredFile, "shownAs" | "op">): IconName {
  if (op === "removed") return "bin";
  switch (shownAs) {
    case "image":
    case "drawing":
    case "diagram":
      return "shapes";
    case "table":
      return "ledger";
    case "page":
      return "floor";
    case "pdf":
    case "markdown":
    case "text":
    case "facts":
      return "file";
  }
}

const KINDS: Record<StoredFile["shownAs"], string> = {
  image: "Picture",
  drawing: "SVG drawing",
  diagram: "Diagram",
  table: "Table",
  page: "HTML page",
  pdf: "PDF",
  markdown: "Markdown",
  text: "Text",
  facts: "File",
};

/** What kind of file it is, in a word or two: the type itself where we cannot show it. */
export function fileKind({ shownAs, mime, op }: Pick<StoredFile, "shownAs" | "mime" | "op">): string {
  if (op === "removed") return "Removed";
  return shownAs === "facts" ? mime : KINDS[shownAs];
}

/** How a file is called where it stands: its path in a workspace, or its name, with what is hidden in it made visible. */
export function fileTitle({ path, name }: Pick<StoredFile, "path" | "name">): string {
  return showHidden(path ?? name);
}

/** Size, maker and time in one line. */
export function fileFacts(file: Pick<StoredFile, "bytes" | "by" | "at" | "op">, now: number): string {
  const size = file.op === "removed" ? "removed" : bytes(file.bytes);
  return `${size}, ${showHidden(file.by.name)}, ${when(file.at, now)}`;
}
