import { lazy, memo, Suspense, useDeferredValue } from "react";

// The parser is the largest part of a screen that shows text; it is fetched with the first text and never before.
const MarkdownView = lazy(() => import("./markdown-view.tsx"));

/**
 * What a person or an agent wrote, as Markdown: no HTML, no scripts, images only from our own files. Until the parser is
 * here the text stands as it was written.
 * @param writing true while more of it is coming: what is half open is shown as if it were closed
 */
export const Markdown = memo(function Markdown({ text, writing = false }: { text: string; writing?: boolean }) {
  // Text that grows many times a second is drawn when there is time, so that a press is never kept waiting for it.
  const shown = useDeferredValue(text);
  return (
    <Suspense
      fallback={
        <p className="pre-text">
          {shown}
          {writing && <span className="caret" />}
        </p>
      }
    >
      <MarkdownView text={shown} writing={writing} />
    </Suspense>
  );
});
