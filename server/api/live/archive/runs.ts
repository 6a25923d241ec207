/** Runs, folded with the room's own reducer from the events of an agent's room, and what the search knows of them. */
import type { Statement } from "../../../../db/write-queue.ts";
import type { RunView, StampedAgentEvent } from "../../../../party/protocol/agent.ts";
import { EMPTY_AGENT, evolveAgent } from "../../../../party/protocol/agent-state.ts";
import { inlineText } from "../../../../party/protocol/common.ts";

/** characters of a prompt or a result that the search knows */
const SEARCH_CHARS = 4_000;

/** A run after new events, and the words they add to its search text. */
export type FoldedRun = { view: RunView; words: string };

/** The run an event is about. */
export function runIdOf(event: StampedAgentEvent): string | undefined {
  return "run" in event ? event.run : undefined;
}

/** Folds events into the stored runs; returns those that changed. Events that a run has seen already change nothing. */
export function foldRuns(stored: ReadonlyMap<string, RunView>, events: readonly StampedAgentEvent[]): FoldedRun[] {
  const changed = new Map<string, FoldedRun>();
  for (const event of events) {
    const id = runIdOf(event);
    if (!id) continue;
    const known = changed.get(id);
    const before = known?.view ?? stored.get(id);
    if (before && before.lastSeq >= event.seq) continue;
    const view = evolveAgent({ ...EMPTY_AGENT, runs: before ? { [id]: before } : {} }, event).runs[id];
    if (view) changed.set(id, { view, words: (known?.words ?? "") + wordsOf(event) });
  }
  return [...changed.values()];
}

/** Writes a folded run unless a newer one is there. */
export function runStatement(company: string, agent: string, { view, words }: FoldedRun): Statement {
  const { id, subject, state, outcome, queuedAt, lastSeq } = view;
  const session = subject.kind === "session" ? subject.id : null;
  return {
    sql: `INSERT INTO runs (id, company, agent, session, state, outcome, queued_at, last_seq, search, json)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET state = excluded.state, outcome = excluded.outcome, last_seq = excluded.last_seq,
        search = runs.search || excluded.search, json = excluded.json
      WHERE excluded.last_seq > runs.last_seq`,
    args: [id, company, agent, session, state, outcome ?? null, queuedAt, lastSeq, words, JSON.stringify(view)],
  };
}

/** Title, prompts and result: what a person remembers of a run. */
function wordsOf(event: StampedAgentEvent): string {
  switch (event.type) {
    case "run.queued":
      return searchable(event.title);
    case "message.user":
      return event.via === "steer" ? "" : searchable(inlineText(event.text));
    case "run.ended":
      return event.text === undefined ? "" : searchable(inlineText(event.text));
    default:
      return "";
  }
}

function searchable(text: string): string {
  return `${text.slice(0, SEARCH_CHARS).toLowerCase()}\n`;
}
