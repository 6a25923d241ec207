import { showHidden } from "../../lib/visible-text.ts";

/** Characters at the end of a name that always show: what kind of file it is stands there. */
const TAIL_CHARS = 10;

/** The name of a file in one line: a long one is cut in its middle, hidden characters are written out. */
export function FileName({ name }: { name: string }) {
  const shown = showHidden(name);
  const tail = shown.length > TAIL_CHARS * 2 ? shown.slice(-TAIL_CHARS) : "";
  return (
    <span className="file-name" title={shown}>
      <span>{shown.slice(0, shown.length - tail.length)}</span>
      {tail && <span>{tail}</span>}
    </span>
  );
}
