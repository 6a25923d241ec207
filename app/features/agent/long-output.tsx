import { useState } from "react";
import { assertNever } from "../../../party/protocol/assert.ts";
import type { LongText } from "../../../party/protocol/common.ts";
import { bytes, plural } from "../../lib/format.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useWholeText, type WholeText } from "../shell/whole-text.tsx";

/** Lines of an output that show at once, where nothing else is said. */
const FIRST_LINES = 40;

/** Output of a tool: its first lines, the rest on request, the whole of a long one read when asked for. */
export function LongOutput({
  text,
  run,
  className = "tool-out",
  firstLines = FIRST_LINES,
  firstChars = Number.POSITIVE_INFINITY,
}: {
  text: LongText;
  run: string;
  className?: string;
  firstLines?: number;
  firstChars?: number;
}) {
  const [all, setAll] = useState(false);
  const whole = useWholeText(text, { kind: "run", id: run }, all);
  const lines = whole.text.split("\n");
  const first = lines.slice(0, firstLines).join("\n").slice(0, firstChars);
  const shown = all ? whole.text : first;
  const cut = whole.state !== "whole";
  return (
    <div className={className}>
      <pre>{showHidden(shown)}</pre>
      {(cut || shown.length < whole.text.length) && (
        <button
          type="button"
          className="link"
          aria-busy={whole.state === "loading"}
          onClick={() => (whole.state === "failed" ? whole.load() : setAll(true))}
        >
          {moreWords(whole, lines.length)}
        </button>
      )}
    </div>
  );
}

function moreWords(whole: WholeText, lines: number): string {
  switch (whole.state) {
    case "loading":
      return "Reading";
    case "failed":
      return "It could not be read. Try again";
    case "cut":
      return `Show all, ${bytes(whole.bytes)}`;
    case "whole":
      return lines > 1 ? `Show all ${plural(lines, "line", "lines")}` : "Show all";
    default:
      return assertNever(whole.state);
  }
}
