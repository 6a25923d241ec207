/** The list of runs: the archive's rows, with those still alive as their rooms see them. */
import type { Client, InValue } from "@libsql/client/sqlite3";
import { laneOf } from "../../../../party/protocol/lanes.ts";
import type { OUTCOMES, RUN_STATES } from "../../../../party/protocol/run-events.ts";
import type { RoomClient } from "../../../rooms/client/client.ts";
import { runQuery } from "../../../search/query.ts";
import { notInOthersLane } from "../sessions/visible.ts";
import { RUN_COLUMNS, type RunSeeker, readAgent, roomOfRun } from "./find.ts";
import { fromRow, fromView, type RunOut } from "./shape.ts";

/** runs of a company that have not ended: far above what its agents can hold at work */
const ALIVE = 1_000;

/** A run of which the title or any step holds the words. */
const FOUND_RUN = `id IN (SELECT d.run FROM search_index JOIN search_docs d ON d.id = search_index.rowid WHERE search_index MATCH ?)`;

export type RunFilter = {
  agent?: string;
  session?: string;
  state?: (typeof RUN_STATES)[number];
  /** how it ended; of runs that have not ended none matches */
  outcome?: (typeof OUTCOMES)[number];
  /** ISO times: queued at or after, queued before */
  from?: string;
  to?: string;
  /** id of the person who asked for it */
  by?: string;
  /** words of the title, the prompts, the steps or the result */
  q?: string;
};
/** A place in the list, newest first: the next page starts below it. */
export type RunPlace = { queuedAt: string; id: string };

export type RunList = { runs: RunOut[]; stale: boolean };

/**
 * At least `limit` runs below a place when there are as many, newest first.
 * @param limit rows wanted; more come when rooms know of runs that are not archived yet
 */
export async function listRuns(
  read: Client,
  rooms: RoomClient,
  who: RunSeeker,
  filter: RunFilter,
  { below, limit }: { below: RunPlace | undefined; limit: number },
): Promise<RunList> {
  // The state is compared after the merge, because the archive's may be a moment old: all that live are read then.
  const most = filter.state && filter.state !== "ended" ? ALIVE : limit;
  const { sql, args } = query(who, filter, below);
  const { rows } = await read.execute({
    sql: `SELECT ${RUN_COLUMNS} FROM runs WHERE ${sql} ORDER BY queued_at DESC, id DESC LIMIT ?`,
    args: [...args, most],
  });
  const archived = rows.map(fromRow);
  const places = new Map(rows.filter((row) => row.state !== "ended").map((row) => [roomOfRun(row), String(row.agent)]));
  if (filter.agent !== undefined) places.set(filter.agent, filter.agent);
  const states = await Promise.all(
    [...places].map(async ([room, agent]) => ({ room, agent, state: await readAgent(rooms, room) })),
  );
  const away = new Set(states.filter(({ state }) => state === "away").map(({ room }) => room));
  const live = new Map<string, RunOut>();
  for (const { room, agent, state } of states) {
    if (state === "away" || !state) continue;
    for (const view of Object.values(state.runs)) live.set(view.id, fromView({ agent, lane: laneOf(room)?.session }, view));
  }
  const merged = archived.map((run, index) => {
    if (run.state === "ended") return run;
    const room = roomOfRun(rows[index] ?? {});
    return live.get(run.id) ?? (away.has(room) ? { ...run, stale: true as const } : run);
  });
  const known = new Set(archived.map((run) => run.id));
  const oldest = archived.length === most ? archived.at(-1) : undefined;
  const young = [...live.values()].filter((run) => !known.has(run.id) && matches(run, filter) && between(run, below, oldest));
  const wanted = [...merged, ...young].filter((run) => filter.state === undefined || run.state === filter.state);
  const runs = wanted.sort((a, b) => (isBelow(a, b) ? 1 : -1));
  return { runs, stale: away.size > 0 };
}

function query({ company, user }: RunSeeker, filter: RunFilter, below: RunPlace | undefined): { sql: string; args: InValue[] } {
  const where = ["company = ?", notInOthersLane("lane")];
  const args: InValue[] = [company, user];
  const add = (sql: string, ...values: (string | undefined)[]) => {
    const given = values.filter((value) => value !== undefined);
    if (given.length < values.length) return;
    where.push(sql);
    args.push(...given);
  };
  add("agent = ?", filter.agent);
  add("session = ?", filter.session);
  add("outcome = ?", filter.outcome);
  add("queued_at >= ?", filter.from);
  add("queued_at < ?", filter.to);
  add("json_extract(json, '$.by.id') = ?", filter.by);
  add(FOUND_RUN, filter.q === undefined ? undefined : runQuery(company, filter.q));
  add("(queued_at, id) < (?, ?)", below?.queuedAt, below?.id);
  if (filter.state) where.push(filter.state === "ended" ? "state = 'ended'" : "state <> 'ended'");
  return { sql: where.join(" AND "), args };
}

function matches(run: RunOut, { agent, session, outcome, by, from, to, q }: RunFilter): boolean {
  if (outcome !== undefined && run.outcome !== outcome) return false;
  if (by !== undefined && run.by.id !== by) return false;
  if (agent !== undefined && run.agent !== agent) return false;
  if (session !== undefined && run.session !== session) return false;
  if (from !== undefined && run.queuedAt < from) return false;
  if (to !== undefined && run.queuedAt >= to) return false;
  return q === undefined || run.title.toLowerCase().includes(q.toLowerCase());
}

function isBelow(run: RunPlace, place: RunPlace): boolean {
  return run.queuedAt < place.queuedAt || (run.queuedAt === place.queuedAt && run.id < place.id);
}

/** A run that only its room knows belongs to the page whose places surround it. */
function between(run: RunPlace, below: RunPlace | undefined, oldest: RunPlace | undefined): boolean {
  return (!below || isBelow(run, below)) && (!oldest || isBelow(oldest, run));
}
