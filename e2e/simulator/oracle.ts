/** What must hold whatever happens: the promises, checked at each step and once more at the end. */
import { agentCore } from "../../party/agent/core.ts";
import { companyCore } from "../../party/company/core.ts";
import type { Party } from "../../party/protocol/tickets.ts";
import { sessionCore } from "../../party/session/core.ts";

export type LogEvent = { seq: number; at: string; type: string } & Record<string, unknown>;
type Log = Map<number, string>;

// A core's `evolve` takes the events of its own log: what the archive holds.
const FOLDS = { company: companyCore, agent: agentCore, session: sessionCore } as unknown as Record<
  Party,
  { empty: unknown; evolve(state: unknown, event: LogEvent): unknown }
>;

export class Oracle {
  readonly failures: string[] = [];
  /** bytes of each event by room, as first seen by anyone */
  readonly #seen = new Map<string, Log>();
  readonly #archive = new Map<string, Log>();
  readonly #epochs = new Map<string, string>();
  readonly #leases = new Map<string, string>();
  readonly #effects = new Map<string, { count: number; approval: string | undefined }>();
  /** texts people were told had been taken */
  readonly acknowledged = new Set<string>();

  fail(what: string): void {
    this.failures.push(what);
  }

  /** A viewer was shown an event: the same bytes for everyone, in every life. */
  shown(room: string, epoch: string, event: LogEvent): void {
    this.#same(room, epoch, event, "shown");
  }

  archived(room: string, epoch: string, events: readonly LogEvent[]): void {
    const log = this.#logOf(this.#archive, room);
    for (const event of events) {
      this.#same(room, epoch, event, "archived");
      if (log.has(event.seq)) continue;
      if (event.seq !== log.size + 1) this.fail(`${room}: event ${event.seq} was archived after ${log.size}`);
      log.set(event.seq, JSON.stringify(event));
    }
  }

  /** A runner was granted a run: no two runners under one fence. */
  claimed(run: string, fence: number, runner: string): void {
    const key = `${run} under ${fence}`;
    const other = this.#leases.get(key);
    if (other !== undefined && other !== runner) this.fail(`${key} is held by ${other} and ${runner}`);
    this.#leases.set(key, runner);
  }

  /** A call had its effect on the world. */
  effect(call: string, approval: string | undefined): void {
    const count = (this.#effects.get(call)?.count ?? 0) + 1;
    this.#effects.set(call, { count, approval });
    if (count > 1) this.fail(`${call} took effect ${count} times`);
  }

  get effects(): number {
    return this.#effects.size;
  }

  archiveOf(room: string): LogEvent[] {
    return [...(this.#archive.get(room)?.values() ?? [])].map((text) => JSON.parse(text));
  }

  /** Once all is calm: what is archived is what was shown, and adds up to the room's state. */
  settledRoom(room: string, head: number, state: unknown): void {
    const archive = this.archiveOf(room);
    if (archive.length !== head) this.fail(`${room}: ${archive.length} of ${head} events are archived`);
    for (const [seq, text] of this.#seen.get(room) ?? []) {
      if (this.#archive.get(room)?.get(seq) !== text) this.fail(`${room}: event ${seq} was seen and is not in the archive`);
    }
    const [party] = room.split("/");
    const fold = FOLDS[party as Party];
    const folded = archive.reduce((before: unknown, event) => fold.evolve(before, event), fold.empty);
    if (JSON.stringify(folded) !== JSON.stringify(state)) this.fail(`${room}: the archive does not add up to the room's state`);
    if (party === "agent") this.#runs(room, archive);
    if (party === "company") this.#approvals(archive);
    if (party === "session") this.#messages(archive);
  }

  #runs(room: string, archive: readonly LogEvent[]): void {
    const ended = new Set<unknown>();
    const fences = new Map<unknown, number>();
    const queued = new Set<unknown>();
    for (const event of archive) {
      const { run, type } = event;
      if (type === "run.queued") queued.add(run);
      if (type === "run.ended") {
        if (ended.has(run)) this.fail(`${room}: ${run} ended twice`);
        ended.add(run);
      } else if (ended.has(run)) this.fail(`${room}: ${type} of ${run} after its end`);
      // Runners write their fence into what they log: no event of an older one may follow a newer one's.
      const fence = type === "run.started" ? Number(event.fence) : fenceIn(event);
      if (fence === undefined) continue;
      if (fence < (fences.get(run) ?? 0)) this.fail(`${room}: ${run} took an event of fence ${fence} after ${fences.get(run)}`);
      fences.set(run, fence);
    }
    for (const run of queued) if (!ended.has(run)) this.fail(`${room}: ${run} never ended`);
    this.#decisions(room, archive);
  }

  #decisions(room: string, archive: readonly LogEvent[]): void {
    const decided = new Set<unknown>();
    for (const { type, approval } of archive) {
      if (type !== "approval.decided") continue;
      if (decided.has(approval)) this.fail(`${room}: ${approval} was decided twice`);
      decided.add(approval);
    }
  }

  #approvals(archive: readonly LogEvent[]): void {
    this.#decisions("company", archive);
    const allowed = new Set<unknown>();
    const executing = new Set<unknown>();
    for (const { type, approval, decision, state } of archive) {
      if (type === "approval.decided" && (decision === "allow" || decision === "edit")) allowed.add(approval);
      if (type !== "approval.state" || state !== "executing") continue;
      if (executing.has(approval)) this.fail(`${approval} was carried out twice`);
      if (!allowed.has(approval)) this.fail(`${approval} was carried out without consent`);
      executing.add(approval);
    }
    for (const [call, { approval }] of this.#effects) {
      if (approval !== undefined && !executing.has(approval)) this.fail(`${call} took effect without its right`);
    }
  }

  #messages(archive: readonly LogEvent[]): void {
    // What the room itself says may repeat; people and agents say a thing once.
    const texts = archive.flatMap(({ type, message }) =>
      type === "message.posted" && !JSON.stringify(message).includes('"kind":"system"') ? [textOf(message)] : [],
    );
    for (const text of this.acknowledged) {
      const times = texts.filter((one) => one === text).length;
      if (times !== 1) this.fail(`the message "${text}" is there ${times} times`);
    }
    for (const text of texts.filter((one, i) => texts.indexOf(one) !== i)) this.fail(`the message "${text}" is there twice`);
  }

  #same(room: string, epoch: string, event: LogEvent, how: string): void {
    const known = this.#epochs.get(room);
    if (known !== undefined && known !== epoch) this.fail(`${room}: the epoch changed`);
    this.#epochs.set(room, epoch);
    const log = this.#logOf(this.#seen, room);
    const text = JSON.stringify(event);
    const before = log.get(event.seq);
    if (before !== undefined && before !== text) this.fail(`${room}: event ${event.seq} was ${before} and is ${how} as ${text}`);
    log.set(event.seq, text);
  }

  #logOf(logs: Map<string, Log>, room: string): Log {
    const log = logs.get(room) ?? new Map();
    logs.set(room, log);
    return log;
  }
}

function fenceIn(event: LogEvent): number | undefined {
  const found = event.type === "log" ? /^fence (\d+)/.exec(String(event.text)) : undefined;
  return found ? Number(found[1]) : undefined;
}

function textOf(message: unknown): string {
  return typeof message === "object" && message !== null && "text" in message ? String(message.text) : "";
}
