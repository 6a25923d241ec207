import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "../../components/icon.tsx";
import { plural } from "../../lib/format.ts";
import { inlineOf } from "../../lib/long-text.ts";
import type { LiveText } from "./live-text.ts";
import { outcomeStatus } from "./outcome.ts";
import { RowView } from "./row-views.tsx";
import type { Row } from "./rows.ts";

/** px from the end within which a reader is at the live edge; small, so that a gentle scroll up is enough to leave it */
const AT_END_PX = 8;
const OVERSCAN_ROWS = 8;
/** px; first guesses, replaced by what is measured */
const ESTIMATES: Record<Row["kind"], number> = {
  user: 60,
  block: 70,
  tools: 44,
  gate: 240,
  question: 140,
  note: 34,
  file: 34,
  end: 44,
};

/** A step that an address names: the name, and the row in which it shows once that was read. */
export interface Target {
  name: string;
  index: number | undefined;
}

/**
 * The rows of a run, only those in sight in the page. It stays at the live edge while the reader is there, and never moves
 * under a reader who scrolled up: a pill counts what is new instead.
 */
export function TranscriptList({
  live,
  rows,
  run,
  phone,
  label,
  target,
  past,
  onReading,
  onAgain,
}: {
  live: LiveText;
  rows: readonly Row[];
  run: string;
  phone: boolean;
  label: string;
  /** the row the address names, once it is there */
  target: Target | undefined;
  /** the rows show a point of the past: its last one stays in sight, and nothing is said aloud */
  past: boolean;
  /** seq the reader looks at, or nothing at the live edge */
  onReading: (seq: number | undefined) => void;
  /** asks for the same work anew */
  onAgain: (() => void) | undefined;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  /** false once the reader scrolled up, until they are at the end again */
  const following = useRef(target === undefined);
  const [seen, setSeen] = useState<number>();
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => ESTIMATES[rows[index]?.kind ?? "block"],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN_ROWS,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    paddingStart: 16,
    paddingEnd: 8,
    onChange: (instance) => {
      if (instance.isAtEnd(AT_END_PX)) following.current = true;
      else if (instance.isScrolling && instance.scrollDirection === "backward") following.current = false;
      setSeen((before) => (following.current ? undefined : (before ?? rows.length)));
      const first = following.current ? undefined : rows[instance.range?.startIndex ?? 0];
      onReading(first ? Number(first.key) : undefined);
    },
  });
  useEffect(() => {
    const { current } = scroller;
    if (!current) return;
    // Text that grows, and a dock that takes more room, would leave a reader at the live edge behind.
    const observer = new ResizeObserver(() => following.current && virtualizer.scrollToEnd());
    observer.observe(current);
    for (const child of current.children) observer.observe(child);
    return () => observer.disconnect();
  }, [virtualizer]);
  const reached = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (target?.index === undefined || past || reached.current === target.name) return;
    reached.current = target.name;
    following.current = false;
    virtualizer.scrollToIndex(target.index, { align: "center" });
  }, [virtualizer, target?.name, target?.index, past]);
  useLayoutEffect(() => {
    // Going through the past is looking at what happened last.
    if (!past || rows.length === 0) return;
    following.current = true;
    virtualizer.scrollToEnd();
  }, [virtualizer, past, rows]);
  const toEnd = (): void => {
    following.current = true;
    virtualizer.scrollToEnd();
  };
  const fresh = seen === undefined ? 0 : rows.length - seen;
  return (
    <div className="log-wrap">
      <div className="log" ref={scroller} role="log" aria-live="off" aria-label={label}>
        <div className="log-in" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={item.key}
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  className="log-row"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <RowView
                    row={row}
                    run={run}
                    live={live}
                    phone={phone}
                    target={!past && item.index === target?.index}
                    onAgain={row.kind === "end" ? onAgain : undefined}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
      {seen !== undefined && !past && (
        <button type="button" className="new-pill" onClick={toEnd}>
          <Icon name="down" />
          {fresh > 0 ? plural(fresh, "new row", "new rows") : "To the live edge"}
        </button>
      )}
      {!past && <Announcer rows={rows} />}
    </div>
  );
}

/** Tells screen readers of finished messages and of gates, one sentence each; never of single words as they stream. */
function Announcer({ rows }: { rows: readonly Row[] }) {
  const text = rows.map(announcement).findLast((line) => line !== undefined);
  return (
    <p className="vh" aria-live="polite">
      {text}
    </p>
  );
}

function announcement(row: Row): string | undefined {
  switch (row.kind) {
    case "block":
      return row.style === "text" && row.text !== undefined ? inlineOf(row.text).slice(0, 400) : undefined;
    case "gate":
      return row.gate.decision ? `Decided: ${row.gate.question}` : `Approval needed: ${row.gate.question}`;
    case "question":
      return `Question: ${row.text}`;
    case "end":
      return `The run ended: ${outcomeStatus(row.outcome).word}`;
    default:
      return undefined;
  }
}
