/** A run as one page that can be read anywhere: no script, no picture, nothing that is fetched. */
import type { StampedAgentEvent } from "../../../../../party/protocol/agent.ts";
import { isRunEvent } from "../../../../../party/protocol/agent-state.ts";
import { inlineText } from "../../../../../party/protocol/common.ts";
import { eventSchema } from "../../../../../party/protocol/frames.ts";
import type { RunOut } from "../shape.ts";
import { escapeHtml, stamp } from "./escape.ts";
import { eventHtml } from "./event-html.ts";
import { type ExportSource, wholeEvents, withWholeTexts } from "./source.ts";

/** What the page may do wherever it is opened: nothing but look as it says. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.55 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 2rem; }
dt { opacity: .7; } dd { margin: 0; }
.row { border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); padding: .6rem 0; }
.row > time { float: right; font-size: .8rem; opacity: .7; font-variant-numeric: tabular-nums; }
.who { font-weight: 600; } .dim { opacity: .7; }
pre, .text { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
pre { font: .85rem/1.5 ui-monospace, monospace; background: color-mix(in srgb, currentColor 7%, transparent); padding: .5rem .7rem; }
summary { cursor: pointer; }
`;

export async function* exportHtml(run: RunOut, agentName: string, source: ExportSource, now: string): AsyncGenerator<string> {
  yield head(run, agentName, now);
  const events = wholeEvents(source);
  for (let step = await events.next(); ; step = await events.next()) {
    if (step.done) {
      if (step.value === "cut")
        yield '<p class="row"><b>The newest steps could not be read.</b> Export it again in a moment.</p>\n';
      break;
    }
    const event = eventSchema.agent.safeParse(step.value);
    // An event of a newer version has no words here; the JSON export holds it.
    if (event.success && isOfRun(event.data)) yield eventHtml(event.data, agentName);
  }
  yield await foot(run, source);
}

type RunStep = Parameters<typeof eventHtml>[0];

function isOfRun(event: StampedAgentEvent): event is RunStep {
  return isRunEvent(event);
}

function head(run: RunOut, agentName: string, now: string): string {
  const title = escapeHtml(run.title);
  const facts: [string, string][] = [
    ["Agent", agentName],
    ["Asked by", run.by.name],
    ["Asked", stamp(run.queuedAt)],
    ["State", run.outcome ?? run.state],
    ...(run.ms === undefined ? [] : [["Took", `${Math.round(run.ms / 1_000)} s`] satisfies [string, string]]),
    ["Cost", costWords(run)],
    ["Exported", stamp(now)],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${PAGE_POLICY}">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1 dir="auto">${title}</h1>
<dl>
${facts.map(([name, value]) => `<dt>${name}</dt><dd dir="auto">${escapeHtml(value)}</dd>`).join("\n")}
</dl>
`;
}

/** @returns the result at the end, where a reader looks for it */
async function foot(run: RunOut, source: ExportSource): Promise<string> {
  const text = run.text === undefined ? "" : inlineText(await withWholeTexts(run.text, source));
  const result = text === "" ? "" : `<h2>Result</h2>\n<div class="text" dir="auto">${escapeHtml(text)}</div>\n`;
  return `${result}</body>\n</html>\n`;
}

function costWords({ cost, basis }: RunOut): string {
  const money = `$${(cost / 1_000_000).toFixed(2)}`;
  if (basis !== "unknown") return money;
  return cost > 0 ? `at least ${money}` : "unknown";
}
