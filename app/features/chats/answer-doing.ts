import type { RunView } from "../../../party/protocol/agent.ts";
import { describeCall } from "../../../party/protocol/agent-state.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { showHidden } from "../../lib/visible-text.ts";
import type { CallRow, Row, RowOf } from "../agent/rows.ts";

/** Longest line of what is being done, characters. */
const LINE_CHARS = 60;

const VERBS: Record<string, string> = {
  read_file: "Reading",
  list_files: "Looking through",
  search_files: "Searching for",
  write_file: "Writing",
  edit_file: "Editing",
  shell: "Running",
};

/** What an agent does to what right now, in one short line. */
export function doingWords(rows: readonly Row[], run: Pick<RunView, "state" | "why"> | undefined): string {
  if (run?.state === "queued") return "Waits for its turn";
  const last = rows.findLast((row) => row.kind !== "note" && row.kind !== "file");
  switch (last?.kind) {
    case "tools": {
      const call = last.calls.findLast((one) => !one.end) ?? last.calls.at(-1);
      return call ? callWords(call) : "Working";
    }
    case "gate":
      return last.gate.decision || last.gate.brokenOffAt ? "Going on" : "Waits for a decision";
    case "question":
      return last.answer || last.brokenOff ? "Going on" : "Waits for an answer";
    case "block":
      return last.style === "thinking" || last.state !== "open" ? "Thinking" : "Writing";
    case "end":
      return "Finishing";
    default:
      return run?.state === "retrying" || run?.state === "paused" ? run.why : "Starting";
  }
}

function callWords(call: CallRow): string {
  const what = describeCall("", inlineOf(call.input)).trim();
  const verb = VERBS[call.name] ?? call.name;
  const short = what.length > LINE_CHARS ? `${what.slice(0, LINE_CHARS)}…` : what;
  return showHidden(short === "" && verb === "Looking through" ? "Looking through the files" : `${verb} ${short}`.trim());
}

/** The newest words of an answer, since it last did something: they stay until it says something else. */
export function latestTexts(rows: readonly Row[]): RowOf<"block">[] {
  const last = rows.findLastIndex(isText);
  const before = rows
    .slice(0, last)
    .findLastIndex((row) => row.kind === "tools" || row.kind === "gate" || row.kind === "question");
  return rows.slice(before + 1, last + 1).filter(isText);
}

function isText(row: Row): row is RowOf<"block"> {
  return row.kind === "block" && row.style === "text" && row.state !== "void";
}

/** Tool calls so far. */
export function stepsTaken(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + (row.kind === "tools" ? row.calls.length : 0), 0);
}
