import { showHidden } from "../../lib/visible-text.ts";

/** lines drawn; a browser becomes slow with more, and nobody reads them here */
const MAX_LINES = 5_000;

/** A text with its line numbers. */
export function CodeLines({ text, cut }: { text: string; cut: boolean }) {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const shown = lines.slice(0, MAX_LINES);
  if (shown.length === 0) return <p className="help pad">The file is empty.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="file-code" tabIndex={0}>
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their number
          <span className="file-line" key={index} data-n={index + 1}>
            {showHidden(line)}
            {"\n"}
          </span>
        ))}
      </pre>
      {(cut || lines.length > MAX_LINES) && (
        <p className="help pad">Only its beginning is shown. Download it to read all of it.</p>
      )}
    </>
  );
}
