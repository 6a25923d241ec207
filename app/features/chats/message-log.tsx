import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "../../components/icon.tsx";
import { plural } from "../../lib/format.ts";
import { inlineOf } from "../../lib/long-text.ts";
import type { Above } from "./history.ts";
import { ChatRowView } from "./row-view.tsx";
import { type ChatRow, newBelow } from "./rows.ts";

/** px from the end within which a reader is at the newest; small, so that a gentle scroll up is enough to leave it */
const AT_END_PX = 8;
const OVERSCAN_ROWS = 6;
/** rows from the top at which the page above is read */
const READ_AHEAD_ROWS = 10;
/** px; first guesses, replaced by what is measured */
const ESTIMATES: Record<ChatRow["kind"], number> = { message: 84, sending: 84, answer: 96 };
/** px above the first row, for the line that says whether there is more */
const TOP_PX = 44;

interface Props {
  rows: readonly ChatRow[];
  above: Above;
  label: string;
  onOlder: () => void;
  /** the message the address names */
  target: string | undefined;
  onAtEnd: (atEnd: boolean) => void;
}

/**
 * The messages, only those in sight in the page. It stays at the newest while the reader is there and never moves under a
 * reader who scrolled up: a pill counts what is new instead. Older ones come in above without moving the line that is read.
 */
export function MessageLog({ rows, above, label, onOlder, target, onAtEnd }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  /** false once the reader scrolled up, or came to one message, until they are at the end again */
  const following = useRef(target === undefined);
  const [seen, setSeen] = useState<string>();
  const lastKey = rows.at(-1)?.key;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => ESTIMATES[rows[index]?.kind ?? "message"],
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN_ROWS,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    paddingStart: TOP_PX,
    paddingEnd: 12,
    onChange: (instance) => {
      if (instance.isAtEnd(AT_END_PX)) following.current = true;
      else if (instance.isScrolling && instance.scrollDirection === "backward") following.current = false;
      setSeen((before) => (following.current ? undefined : (before ?? lastKey)));
      onAtEnd(following.current);
      if (above === "more" && (instance.range?.startIndex ?? READ_AHEAD_ROWS) < READ_AHEAD_ROWS && !following.current) onOlder();
    },
  });
  useEffect(() => {
    const { current } = scroller;
    if (!current) return;
    // Text that grows, pictures that arrive and a dock that takes more room would leave a reader at the newest behind.
    const observer = new ResizeObserver(() => following.current && virtualizer.scrollToEnd());
    observer.observe(current);
    for (const child of current.children) observer.observe(child);
    return () => observer.disconnect();
  }, [virtualizer]);
  const targetIndex = target === undefined ? -1 : rows.findIndex((row) => row.key === target);
  const reached = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (targetIndex < 0 || reached.current === target) return;
    reached.current = target;
    following.current = false;
    virtualizer.scrollToIndex(targetIndex, { align: "center" });
  }, [virtualizer, target, targetIndex]);
  const toEnd = (): void => {
    following.current = true;
    setSeen(undefined);
    onAtEnd(true);
    virtualizer.scrollToEnd();
  };
  const latest = useRef(toEnd);
  useEffect(() => {
    latest.current = toEnd;
  });
  const sent = rows.at(-1)?.kind === "sending" ? lastKey : undefined;
  useEffect(() => {
    // Who sends wants to see it, also from further up.
    if (sent !== undefined) latest.current();
  }, [sent]);
  const fresh = seen === undefined ? 0 : newBelow(rows, seen);
  return (
    <div className="log-wrap">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="log" ref={scroller} role="log" aria-live="off" aria-label={label} tabIndex={0}>
        <div className="log-in chat" style={{ height: virtualizer.getTotalSize() }}>
          <AboveLine above={above} onOlder={onOlder} />
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
                  <ChatRowView row={row} target={row.key === target} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {seen !== undefined && (
        <button type="button" className="new-pill" onClick={toEnd}>
          <Icon name="down" />
          {fresh > 0 ? plural(fresh, "new message", "new messages") : "To the newest"}
        </button>
      )}
      <Announcer rows={rows} />
    </div>
  );
}

function AboveLine({ above, onOlder }: { above: Above; onOlder: () => void }) {
  switch (above) {
    case "none":
      return <p className="log-above">The beginning of this conversation</p>;
    case "failed":
      return (
        <p className="log-above">
          Older messages could not be read.{" "}
          <button type="button" className="link" onClick={onOlder}>
            Try again
          </button>
        </p>
      );
    case "more":
    case "loading":
      return (
        <p className="log-above" aria-busy={above === "loading"}>
          Reading older messages
        </p>
      );
  }
}

/** Tells screen readers of finished messages of others, one sentence each; never of single words as they stream. */
function Announcer({ rows }: { rows: readonly ChatRow[] }) {
  const last = rows.findLast((row) => row.kind === "message");
  const text =
    last?.kind === "message" && !last.own && !last.message.deleted
      ? `${last.message.by.name}: ${inlineOf(last.message.text).slice(0, 400) || "sent files"}`
      : "";
  return (
    <p className="vh" aria-live="polite">
      {text}
    </p>
  );
}
