import { useState } from "react";
import { Markdown } from "../../components/markdown.tsx";

/** Characters and lines beyond which a message shows its beginning first: others should stay in sight. */
const FOLD_CHARS = 3_000;
const FOLD_LINES = 40;

/** A text that may be long: folded to a height, opened by a press. */
export function Fold({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const isLong = text.length > FOLD_CHARS || text.split("\n", FOLD_LINES + 1).length > FOLD_LINES;
  if (!isLong) return <Markdown text={text} />;
  return (
    <>
      <div className={open ? undefined : "folded"}>
        <Markdown text={text} />
      </div>
      <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "Show less" : "Show all"}
      </button>
    </>
  );
}
