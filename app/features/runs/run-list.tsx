import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef } from "react";
import { RunRow } from "./run-row.tsx";
import type { RunLine } from "./runs-api.ts";

/** Runs above which only those in sight are in the page; below, the browser's own search finds them all. */
const VIRTUAL_ABOVE = 100;
const OVERSCAN_ROWS = 10;
/** px; a first guess, replaced by what is measured */
const ROW_PX = 52;
/** px before the end of the list at which the next page is read */
const READ_AHEAD_PX = "600px";

interface Props {
  runs: readonly RunLine[];
  scroller: RefObject<HTMLElement | null>;
  busy: boolean;
}

export function RunList(props: Props) {
  return props.runs.length > VIRTUAL_ABOVE ? <LongList {...props} /> : <ShortList {...props} />;
}

function ShortList({ runs, busy }: Props) {
  return (
    <ul className="run-rows" aria-label="Runs, newest first" aria-busy={busy}>
      {runs.map((run) => (
        <li key={run.id}>
          <RunRow run={run} />
        </li>
      ))}
    </ul>
  );
}

function LongList({ runs, scroller, busy }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const virtualizer = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => runs[index]?.id ?? index,
    overscan: OVERSCAN_ROWS,
    scrollMargin: list.current?.offsetTop ?? 0,
  });
  const { scrollMargin } = virtualizer.options;
  return (
    <ul
      ref={list}
      className="run-rows long"
      aria-label="Runs, newest first"
      aria-busy={busy}
      style={{ height: virtualizer.getTotalSize() }}
    >
      {virtualizer.getVirtualItems().map((item) => {
        const run = runs[item.index];
        return (
          run && (
            <li
              key={item.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              aria-setsize={-1}
              aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start - scrollMargin}px)` }}
            >
              <RunRow run={run} />
            </li>
          )
        );
      })}
    </ul>
  );
}

/** Calls for more when its place comes near. */
export function ReadMore({ scroller, onNear }: { scroller: RefObject<HTMLElement | null>; onNear: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  const near = useRef(onNear);
  useEffect(() => {
    near.current = onNear;
  });
  useEffect(() => {
    const { current } = mark;
    if (!current) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && near.current(), {
      root: scroller.current,
      rootMargin: READ_AHEAD_PX,
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [scroller]);
  return <div ref={mark} />;
}
