import { useState } from "react";
import type { LongText } from "../../../party/protocol/common.ts";
import { bytes, plural } from "../../lib/format.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useWholeText } from "../shell/whole-text.tsx";

/** Lines of an output that show at once, where nothing else is said. */
const FIRST_LINES = 40;

/** Output of a tool: its first lines, the rest on request, the whole of a long one read when asked for. */
export function LongOutput({
  text,
  run,
  className = "tool-out",
  firstLines = FIRST_LINES,
}: {
  text: LongText;
  run: string;
  className?: string;
  firstLines?: number;
}) {
  const [all, setAll] = useState(false);
  const whole = useWholeText(text, run, all);
  const lines = whole.text.split("\n");
  const shown = all ? lines : lines.slice(0, firstLines);
  const hidden = lines.length - shown.length;
  const cut = whole.state !== "whole";
  return (
    <div className={className}>
      <pre>{showHidden(shown.join("\n"))}</pre>
      {(hidden > 0 || cut) && (
        <button
          type="button"
          className="link"
          onClick={() => (whole.state === "failed" ? whole.load() : setAll(true))}
          aria-busy={whole.state === "loading"}
        >
          {whole.state === "loading"
            ? "Reading"
            : whole.state === "failed"
              ? "It could not be read. Try again"
              : cut
                ? `Show all, ${bytes(whole.bytes)}`
                : `Show ${plural(hidden, "more line", "more lines")}`}
        </button>
      )}
    </div>
  );
}
