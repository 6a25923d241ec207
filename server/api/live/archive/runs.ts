/** Runs, folded with the room's own reducer from the events of an agent's room. */
import type { Statement } from "../../../../db/write-queue.ts";
import type { RunView, StampedAgentEvent } from "../../../../party/protocol/agent.ts";
import { EMPTY_AGENT, evolveAgent } from "../../../../party/protocol/agent-state.ts";

/** The run an event is about. */
export function runIdOf(event: StampedAgentEvent): string | undefined {
  return "run" in event ? event.run : undefined;
}

/** Folds events into the stored runs; returns those that changed. Events that a run has seen already change nothing. */
export function foldRuns(stored: ReadonlyMap<string, RunView>, events: readonly StampedAgentEvent[]): RunView[] {
  const changed = new Map<string, RunView>();
  for (const event of events) {
    const id = runIdOf(event);
    if (!id) continue;
    const before = changed.get(id) ?? stored.get(id);
    if (before && before.lastSeq >= event.seq) continue;
    const view = evolveAgent({ ...EMPTY_AGENT, runs: before ? { [id]: before } : {} }, event).runs[id];
    if (view) changed.set(id, view);
  }
  return [...changed.values()];
}

/** Whose runs they are, and for which private conversation, if any. */
type RunsPlace = { company: string; agent: string; lane: string | undefined };

/** Writes a folded run unless a newer one is there. */
export function runStatement({ company, agent, lane }: RunsPlace, view: RunView): Statement {
  const { id, subject, state, outcome, queuedAt, lastSeq } = view;
  const session = subject.kind === "session" ? subject.id : null;
  return {
    sql: `INSERT INTO runs (id, company, agent, session, lane, state, outcome, queued_at, last_seq, json)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET state = excluded.state, outcome = excluded.outcome, last_seq = excluded.last_seq,
        json = excluded.json
      WHERE excluded.last_seq > runs.last_seq`,
    args: [id, company, agent, session, lane ?? null, state, outcome ?? null, queuedAt, lastSeq, JSON.stringify(view)],
  };
}
