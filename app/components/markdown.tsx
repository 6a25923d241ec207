import { memo, useDeferredValue, useEffect, useSyncExternalStore } from "react";

type View = typeof import("./markdown-view.tsx").default;

// The parser is the largest part of a screen that shows text; it is fetched with the first text and never before. It may
// not come, without a network: then the text stands as it was written, and the next text asks again.
let view: View | undefined;
let loading = false;
const listeners = new Set<() => void>();

/** Fetches the parser, so that it is there when the first text is. */
export function fetchMarkdown(): void {
  if (loading) return;
  loading = true;
  import("./markdown-view.tsx").then(
    (module) => {
      view = module.default;
      for (const changed of listeners) changed();
    },
    () => {
      loading = false;
    },
  );
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

/**
 * What a person or an agent wrote, as Markdown: no HTML, no scripts, images only from our own files.
 * @param writing true while more of it is coming: what is half open is shown as if it were closed
 */
export const Markdown = memo(function Markdown({ text, writing = false }: { text: string; writing?: boolean }) {
  const Loaded = useSyncExternalStore(subscribe, () => view);
  useEffect(fetchMarkdown, []);
  // Text that grows many times a second is drawn when there is time, so that a press is never kept waiting for it.
  const shown = useDeferredValue(text);
  if (Loaded) return <Loaded text={shown} writing={writing} />;
  return (
    <p className="pre-text">
      {shown}
      {writing && <span className="caret" />}
    </p>
  );
});
