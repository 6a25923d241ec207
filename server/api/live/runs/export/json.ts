/** A run as one JSON document: what it is, then its events, written as they are read. */
import type { RunOut } from "../shape.ts";
import { type ExportSource, wholeEvents, withWholeTexts } from "./source.ts";

/** Raised when a reader of the former form would misread the new one. */
const EXPORT_VERSION = 1;

export async function* exportJson(run: RunOut, source: ExportSource, now: string): AsyncGenerator<string> {
  const head = { format: "atrium.run", version: EXPORT_VERSION, exportedAt: now, run: await withWholeTexts(run, source) };
  yield `${JSON.stringify(head).slice(0, -1)},"events":[`;
  const events = wholeEvents(source);
  let separator = "\n";
  for (let step = await events.next(); ; step = await events.next()) {
    if (step.done) {
      // A reader that finds no `complete` holds a download that was cut.
      yield `\n],"complete":${step.value === "whole"}}\n`;
      return;
    }
    yield separator + JSON.stringify(step.value);
    separator = ",\n";
  }
}
