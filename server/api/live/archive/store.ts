/**
 * Stores what rooms post: the events themselves, whole texts, the projections and the audit, in one unit. A post that is
 * repeated, whole or in part, changes nothing.
 */
import type { Client } from "@libsql/client/sqlite3";
import { z } from "zod";
import type { ActivityEntry } from "../../../../db/audit.ts";
import { mustHold, type Statement, type Write } from "../../../../db/write-queue.ts";
import type { RunView, StampedAgentEvent } from "../../../../party/protocol/agent.ts";
import { assertNever } from "../../../../party/protocol/assert.ts";
import type { ActorRef } from "../../../../party/protocol/common.ts";
import { approval } from "../../../../party/protocol/company.ts";
import { eventSchema } from "../../../../party/protocol/frames.ts";
import { type ArchiveRequest, archiveRequest } from "../../../../party/protocol/internal.ts";
import { laneOf } from "../../../../party/protocol/lanes.ts";
import { tellOfCompany, tellOfMessages, tellOfRuns } from "../../../notify/tell.ts";
import { messageDocs, runDocs } from "../../../search/documents.ts";
import { viewOf } from "../runs/shape.ts";
import { approvalOf, approvalStatement, foldApprovals, type StoredApproval } from "./approvals.ts";
import { agentAudit, companyAudit } from "./audit.ts";
import { messageStatements } from "./messages.ts";
import { foldRuns, runIdOf, runStatement } from "./runs.ts";

/** rows of one INSERT, below SQLite's limit of variables */
const ROWS_PER_STATEMENT = 100;

/** Code of a refused post whose company is gone: the room may forget its log. */
export const COMPANY_GONE = "gone";

/** The parsed post beside the events as they came: they are stored with their keys in the room's order. */
export type ArchivePost = ArchiveRequest & { verbatim: { seq: number; json: string }[] };

const verbatimEvents = z.object({ events: z.array(z.record(z.string(), z.unknown())) });

/** Parses the body of a post; undefined when it is not one. */
export function parseArchivePost(body: string): ArchivePost | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = archiveRequest.safeParse(raw);
  const events = verbatimEvents.safeParse(raw);
  if (!parsed.success || !events.success) return undefined;
  const verbatim = parsed.data.events.map(({ seq }, i) => ({ seq, json: JSON.stringify(events.data.events[i]) }));
  return { ...parsed.data, verbatim };
}

export type Archive = {
  /**
   * Stores a post and resolves with the last seq that is in the archive. Posts of one room are stored one after another.
   * @throws {WriteRefused} with `COMPANY_GONE`
   * @throws {StorageFull}
   */
  store(post: ArchivePost): Promise<number>;
  /** Events stored since the start. */
  readonly total: number;
};

export type ArchiveOptions = {
  now(): number;
  /** something was stored that people are to be told of */
  onNotes(): void;
};

export function createArchive(read: Client, write: Write, { now, onNotes }: ArchiveOptions): Archive {
  const last = new Map<string, Promise<unknown>>();
  let total = 0;

  async function storeNow(post: ArchivePost): Promise<number> {
    const head = await archivedHead(read, post);
    const fresh = post.verbatim.filter((event) => event.seq > head);
    const plan = await project(read, post, head, now());
    const audited = plan.audit.length > 0;
    await write(
      (context) => [
        mustHold(COMPANY_GONE, "SELECT EXISTS (SELECT 1 FROM companies WHERE id = ?)", [post.company]),
        ...insertEvents(post),
        ...insertRefs(post),
        ...plan.statements,
        ...plan.notes,
        ...plan.audit.map((entry) => context.activity(entry)),
      ],
      { chains: audited ? [post.company] : [] },
    );
    total += fresh.length;
    if (plan.notes.length > 0) onNotes();
    return Math.max(head, post.events.at(-1)?.seq ?? head);
  }

  return {
    async store(post) {
      const key = `${post.party}/${post.room}`;
      const before = last.get(key) ?? Promise.resolve();
      const mine = before.catch(() => undefined).then(() => storeNow(post));
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
    get total() {
      return total;
    },
  };
}

async function archivedHead(read: Client, { party, room, epoch }: ArchivePost): Promise<number> {
  const { rows } = await read.execute({
    sql: "SELECT max(seq) AS head FROM room_events WHERE room_party = ? AND room = ? AND epoch = ?",
    args: [party, room, epoch],
  });
  return Number(rows[0]?.head ?? 0);
}

function insertEvents(post: ArchivePost): Statement[] {
  const { party, room, epoch, company, events } = post;
  const rows = post.verbatim.map(({ seq, json }, i) => {
    const event = events[i];
    const run = typeof event?.run === "string" ? event.run : null;
    return [party, room, epoch, seq, company, run, event?.type ?? "", event?.at ?? "", json];
  });
  return chunks(rows).map((chunk) => ({
    sql: `INSERT INTO room_events (room_party, room, epoch, seq, company, run, type, at, json)
      VALUES ${chunk.map(() => "(?, ?, ?, ?, ?, ?, ?, ?, ?)").join(", ")} ON CONFLICT DO NOTHING`,
    args: chunk.flat(),
  }));
}

function insertRefs({ party, room, company, refs }: ArchivePost): Statement[] {
  return refs.map(({ ref, text }) => ({
    sql: "INSERT INTO refs (ref, room_party, room, company, text) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    args: [ref, party, room, company, text],
  }));
}

function chunks<T>(rows: T[]): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) out.push(rows.slice(i, i + ROWS_PER_STATEMENT));
  return out;
}

type Plan = { statements: Statement[]; notes: Statement[]; audit: ActivityEntry[] };

/** Events that this version does not know are stored and not projected. Only events above the archived head are audited. */
async function project(read: Client, post: ArchivePost, head: number, now: number): Promise<Plan> {
  const fresh = <T extends { seq: number }>(events: T[]) => events.filter((event) => event.seq > head);
  const place = { company: post.company, room: post.room, epoch: post.epoch };
  const lane = laneOf(post.room);
  switch (post.party) {
    case "agent": {
      const events = known(eventSchema.agent, post);
      const stored = await readRuns(read, [...new Set(events.flatMap((event) => runIdOf(event) ?? []))]);
      const agent = await readAgent(read, lane?.owner ?? post.room);
      const here = { company: post.company, agent: agent.id, agentName: agent.name, lane: lane?.session };
      const folded = foldRuns(stored, events);
      return {
        statements: [
          ...folded.map((run) => runStatement(here, run)),
          ...fresh(events).flatMap((event) => runDocs({ ...place, ...here }, event, sessionIn(folded, event))),
        ],
        notes: await tellOfRuns(read, here, fresh(events), folded, now),
        audit: fresh(events).flatMap((event) => agentAudit(post.company, agent, event, lane !== undefined) ?? []),
      };
    }
    case "session": {
      const events = known(eventSchema.session, post);
      return {
        statements: [
          ...events.flatMap((event) => messageStatements(post, event)),
          ...fresh(events).flatMap((event) => messageDocs(post, event)),
        ],
        notes: await tellOfMessages(read, { company: post.company, session: post.room }, fresh(events), now),
        audit: [],
      };
    }
    case "company": {
      const events = known(eventSchema.company, post);
      const ids = [...new Set(events.flatMap((event) => approvalOf(event) ?? []))];
      const stored = ids.length > 0 ? await readApprovals(read, ids) : new Map<string, StoredApproval>();
      const changed = [...foldApprovals(stored, events).values()];
      const approvals = new Map([...stored.values(), ...changed].map(({ approval: one }) => [one.id, one]));
      return {
        statements: changed.map((one) => approvalStatement({ company: post.company, lane: lane?.session }, one)),
        notes: await tellOfCompany(read, { company: post.company, session: lane?.session }, fresh(events), approvals, now),
        audit: fresh(events).flatMap((event) => companyAudit(post.company, event, lane !== undefined) ?? []),
      };
    }
    default:
      return assertNever(post.party);
  }
}

/** The conversation an event's run answers in. */
function sessionIn(runs: readonly RunView[], event: StampedAgentEvent): string | undefined {
  const subject = runs.find(({ id }) => id === runIdOf(event))?.subject;
  return subject?.kind === "session" ? subject.id : undefined;
}

function known<T>(schema: z.ZodType<T>, post: ArchivePost): T[] {
  return post.events.flatMap((event) => {
    const parsed = schema.safeParse(event);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The agent as the audit names it. */
async function readAgent(read: Client, agent: string): Promise<ActorRef> {
  const { rows } = await read.execute({ sql: "SELECT name FROM agents WHERE id = ?", args: [agent] });
  return { id: agent, name: String(rows[0]?.name ?? agent), kind: "agent" };
}

async function readRuns(read: Client, ids: string[]): Promise<Map<string, RunView>> {
  if (ids.length === 0) return new Map();
  const { rows } = await read.execute({
    sql: "SELECT id, json FROM runs WHERE id IN (SELECT value FROM json_each(?))",
    args: [JSON.stringify(ids)],
  });
  return new Map(rows.map((row) => [String(row.id), viewOf(row)]));
}

async function readApprovals(read: Client, ids: string[]): Promise<Map<string, StoredApproval>> {
  const { rows } = await read.execute({
    sql: "SELECT id, seq, json FROM approvals WHERE id IN (SELECT value FROM json_each(?))",
    args: [JSON.stringify(ids)],
  });
  return new Map(
    rows.map((row) => [String(row.id), { approval: approval.parse(JSON.parse(String(row.json))), seq: Number(row.seq) }]),
  );
}
