import { assertNever } from "../../party/protocol/assert.ts";
import { Icon, type IconName } from "./icon.tsx";

export const STATUS_KINDS = ["live", "wait", "done", "fail", "idle", "pause", "queue"] as const;
export type StatusKind = (typeof STATUS_KINDS)[number];

/** The glyph of a status; each has its own silhouette, so it reads without colour. */
export function statusIcon(kind: StatusKind): IconName {
  switch (kind) {
    case "live":
      return "st-live";
    case "wait":
      return "st-wait";
    case "done":
      return "st-done";
    case "fail":
      return "st-fail";
    case "idle":
      return "st-idle";
    case "pause":
      return "st-pause";
    case "queue":
      return "st-queue";
    default:
      return assertNever(kind);
  }
}

/** Glyph and word; the colour only repeats them. */
export function Status({ kind, word }: { kind: StatusKind; word: string }) {
  return (
    <span className="status" data-s={kind}>
      <Icon name={statusIcon(kind)} />
      <span>{word}</span>
    </span>
  );
}
