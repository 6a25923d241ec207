/** What the list and the search know of runs, folded from the events of an agent's room. A repeat changes nothing. */
import type { SqlValue, Statement } from "../../../../db/write-queue.ts";
import type { StampedAgentEvent } from "../../../../party/protocol/agent.ts";
import { inlineText, type Usage } from "../../../../party/protocol/common.ts";
import type { RunEvent, Stamped } from "../../../../party/protocol/run-events.ts";

/** characters of a prompt or a result that the search knows */
const SEARCH_CHARS = 4_000;

export type RoomPlace = { company: string; room: string };

/** The statements one event adds to its run's row. */
export function runStatements({ company, room }: RoomPlace, event: StampedAgentEvent): Statement[] {
  if (!("run" in event && "src" in event)) return [];
  switch (event.type) {
    case "run.queued":
      return [insertRun(company, room, event)];
    case "run.started":
      return [
        update(event, "state = 'running', started_at = coalesce(started_at, ?), runtime = ?, model = ?", [
          event.at,
          event.runtime,
          event.model,
        ]),
      ];
    case "run.state":
      return [update(event, "state = ?", [event.state])];
    case "turn.ended":
      return [
        update(
          event,
          `input_tokens = input_tokens + ?, output_tokens = output_tokens + ?, cached_tokens = cached_tokens + ?,
          thinking_tokens = thinking_tokens + ?, cost = cost + ?`,
          [...tokens(event.usage), event.cost],
        ),
      ];
    case "message.user":
      return event.via === "steer" ? [] : [update(event, "search = search || ?", [searchable(inlineText(event.text))])];
    case "run.ended":
      return [
        update(
          event,
          `state = 'ended', outcome = ?, error = ?, text = ?, ended_at = ?, ms = ?, input_tokens = ?, output_tokens = ?,
          cached_tokens = ?, thinking_tokens = ?, cost = ?, search = search || ?`,
          [
            event.outcome,
            event.error ? JSON.stringify(event.error) : null,
            event.text === undefined ? null : JSON.stringify(event.text),
            event.at,
            event.ms,
            ...tokens(event.usage),
            event.cost,
            event.text === undefined ? "" : searchable(inlineText(event.text)),
          ],
        ),
      ];
    default:
      return [];
  }
}

/** One statement per run that the events touch: how far its row has been folded. */
export function runProgress(events: readonly StampedAgentEvent[]): Statement[] {
  const last = new Map<string, number>();
  for (const event of events) if ("run" in event && "src" in event) last.set(event.run, event.seq);
  return [...last].map(([run, seq]) => ({
    sql: "UPDATE runs SET last_seq = ? WHERE id = ? AND last_seq < ?",
    args: [seq, run, seq],
  }));
}

/** `last_seq` is the guard: an event at or below it is part of the row already. */
function update(event: Stamped<RunEvent>, set: string, args: SqlValue[]): Statement {
  return {
    sql: `UPDATE runs SET ${set}, last_seq = ? WHERE id = ? AND last_seq < ?`,
    args: [...args, event.seq, event.run, event.seq],
  };
}

function insertRun(company: string, agent: string, event: Stamped<Extract<RunEvent, { type: "run.queued" }>>): Statement {
  return {
    sql: `INSERT INTO runs (id, company, agent, session, title, state, source, reason, by_id, by_name, by_kind, subject,
        queued_at, first_seq, last_seq, search)
      VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    args: [
      event.run,
      company,
      agent,
      event.subject.kind === "session" ? event.subject.id : null,
      event.title,
      event.source,
      event.reason,
      event.by.id,
      event.by.name,
      event.by.kind,
      JSON.stringify(event.subject),
      event.at,
      event.seq,
      event.seq,
      searchable(event.title),
    ],
  };
}

function tokens(usage: Usage): SqlValue[] {
  return [usage.input, usage.output, usage.cached, usage.thinking];
}

function searchable(text: string): string {
  return `${text.slice(0, SEARCH_CHARS).toLowerCase()}\n`;
}
