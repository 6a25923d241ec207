/**
 * The one writer of the database. A unit is what must be written together; every unit that waits goes into one
 * transaction (group commit), because the disk's flush is what a commit costs.
 *
 * A unit's statements are computed inside the flush, in order, so each sees the end of the audit chain the unit before
 * it left. A unit refuses itself with a guard: a statement that aborts when its condition does not hold. The failing
 * statement names its unit; that one is answered with the error, and the others run again without it.
 */
import type { Client, InStatement, ResultSet } from "@libsql/client/sqlite3";
import { LibsqlBatchError, LibsqlError } from "@libsql/client/sqlite3";
import type { RecordChange } from "../party/protocol/internal.ts";
import type { Party } from "../party/protocol/tickets.ts";
import { type ActivityEntry, chainRow, type Head, readHead } from "./audit.ts";
import { StorageFull, WriteRefused } from "./errors.ts";

/** units in one commit: a larger group blocks the event loop longer than it saves (docs/decisions) */
const UNITS_PER_COMMIT = 32;

export type SqlValue = string | number | null | Uint8Array;
/** One statement. `refuse` makes it a guard: when it fails, the unit is refused with that code. */
export type Statement = { sql: string; args?: SqlValue[]; refuse?: string };

/** What a unit may use while its statements are computed. Everything it returns is written together or not at all. */
export type UnitContext = {
  /** the time of the write, ISO 8601 */
  now: string;
  /** Appends to a chain named in `WriteOptions.chains`. */
  activity(entry: ActivityEntry): Statement;
  /** Tells a room of a record, in order and at least once. */
  toRoom(party: Party, room: string, change: RecordChange): Statement;
  /** The same to each room that a query names in its column `room`, as the unit finds it when it is written. */
  toRooms(party: Party, change: RecordChange, rooms: { sql: string; args: SqlValue[] }): Statement;
};

/** Pure and quick: it may run more than once. Refusals belong into guards, not into exceptions. */
export type Unit = (context: UnitContext) => Statement[];

export type WriteOptions = {
  /** audit chains the unit appends to */
  chains?: readonly string[];
};

/** One result per statement of the unit, in order. */
export type UnitResult = ResultSet[];

/**
 * Writes a unit. Resolves after the commit reached the disk.
 * @throws {WriteRefused} a guard did not hold
 * @throws {StorageFull} there is no space left
 */
export type Write = (unit: Unit, options?: WriteOptions) => Promise<UnitResult>;

/** Refuses the unit with `code` unless the statement right before it changed a row. */
export function orRefuse(code: string): Statement {
  return { sql: "UPDATE write_guard SET holds = changes() WHERE id = 1", refuse: code };
}

/** Refuses the unit with `code` unless the query's first column is true. It sees what the unit wrote before it. */
export function mustHold(code: string, query: string, args: SqlValue[] = []): Statement {
  return { sql: `UPDATE write_guard SET holds = coalesce((${query}), 0) WHERE id = 1`, args, refuse: code };
}

type Waiting = {
  unit: Unit;
  chains: readonly string[];
  resolve(result: UnitResult): void;
  reject(error: unknown): void;
};

type Built = { item: Waiting; statements: Statement[] };

export type WriteQueueOptions = {
  /** bound into each outbox row */
  generation: number;
  clock: { now(): number };
  /** called after a commit that added outbox rows */
  onOutbox(): void;
};

export class WriteQueue {
  readonly #client: Client;
  readonly #options: WriteQueueOptions;
  readonly #waiting: Waiting[] = [];
  /** ends of the chains, as committed */
  readonly #heads = new Map<string, Head>();
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(client: Client, options: WriteQueueOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** See `Write`. An arrow so that it can be handed around. */
  readonly write: Write = (unit, options = {}) =>
    new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new Error("the database is closing"));
        return;
      }
      this.#waiting.push({ unit, chains: options.chains ?? [], resolve, reject });
      this.#schedule();
    });

  /** Units that wait for a commit. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** Writes what waits and refuses what comes after. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#flushing) await this.#flushing;
  }

  #schedule(): void {
    // setImmediate: everything that arrived in this turn of the event loop shares the commit.
    this.#flushing ??= new Promise((done) => {
      setImmediate(() => {
        this.#flush(this.#waiting.splice(0, UNITS_PER_COMMIT)).finally(() => {
          this.#flushing = undefined;
          if (this.#waiting.length > 0) this.#schedule();
          done();
        });
      });
    });
  }

  /** Writes a group; settles every unit of it. Never rejects. */
  async #flush(group: Waiting[]): Promise<void> {
    let rest = group;
    while (rest.length > 0) {
      const { built, heads, failed, outbox } = await this.#build(rest);
      for (const { item, error } of failed) item.reject(error);
      if (built.length === 0) return;
      try {
        const results = await this.#client.batch(built.flatMap(toStatements), "write");
        for (const [chain, head] of heads) this.#heads.set(chain, head);
        settle(built, results);
        if (outbox) this.#options.onOutbox();
        return;
      } catch (error) {
        rest = this.#survivors(built, error);
      }
    }
  }

  /** Rejects what an error belongs to and returns the units that deserve another try. */
  #survivors(built: Built[], error: unknown): Waiting[] {
    if (isFull(error)) {
      for (const { item } of built) item.reject(new StorageFull(error));
      return [];
    }
    const at = error instanceof LibsqlBatchError ? locate(built, error.statementIndex) : undefined;
    if (!at) {
      // The commit itself failed, or the database is out of reach: no unit is to blame, and all of them were undone.
      for (const { item } of built) item.reject(error);
      return [];
    }
    const code = at.statement.refuse;
    at.item.reject(code !== undefined && isGuard(error) ? new WriteRefused(code) : error);
    return built.filter(({ item }) => item !== at.item).map(({ item }) => item);
  }

  async #build(group: Waiting[]) {
    const heads = new Map<string, Head>();
    const built: Built[] = [];
    const failed: { item: Waiting; error: unknown }[] = [];
    let outbox = false;
    const now = new Date(this.#options.clock.now()).toISOString();
    for (const item of group) {
      // A unit that throws must leave no trace in the heads of its group.
      const draft = new Map<string, Head>();
      try {
        for (const chain of item.chains) draft.set(chain, heads.get(chain) ?? (await this.#head(chain)));
        const statements = item.unit({
          now,
          activity: (entry) => {
            const head = draft.get(entry.chain);
            if (!head) throw new Error(`the unit did not name the chain ${entry.chain}`);
            const row = chainRow(head, entry, now);
            draft.set(entry.chain, row.head);
            return row;
          },
          toRoom: (party, room, change) => {
            outbox = true;
            return {
              sql: "INSERT INTO outbox (generation, party, room, payload, created_at) VALUES (?, ?, ?, ?, ?)",
              args: [this.#options.generation, party, room, JSON.stringify(change), now],
            };
          },
          toRooms: (party, change, { sql, args }) => {
            outbox = true;
            return {
              sql: `INSERT INTO outbox (generation, party, room, payload, created_at) SELECT ?, ?, room, ?, ? FROM (${sql})`,
              args: [this.#options.generation, party, JSON.stringify(change), now, ...args],
            };
          },
        });
        for (const [chain, head] of draft) heads.set(chain, head);
        built.push({ item, statements });
      } catch (error) {
        failed.push({ item, error });
      }
    }
    return { built, heads, failed, outbox };
  }

  async #head(chain: string): Promise<Head> {
    return this.#heads.get(chain) ?? (await readHead(this.#client, chain));
  }
}

function toStatements({ statements }: Built): InStatement[] {
  return statements.map(({ sql, args }) => ({ sql, args: args ?? [] }));
}

function settle(built: Built[], results: ResultSet[]): void {
  let from = 0;
  for (const { item, statements } of built) {
    item.resolve(results.slice(from, from + statements.length));
    from += statements.length;
  }
}

function locate(built: Built[], index: number): { item: Waiting; statement: Statement } | undefined {
  let from = 0;
  for (const { item, statements } of built) {
    const statement = statements[index - from];
    if (statement) return { item, statement };
    from += statements.length;
  }
  return undefined;
}

/** True for the check of `write_guard`, and for a unique or foreign key that a statement with `refuse` ran into. */
function isGuard(error: unknown): boolean {
  return error instanceof LibsqlError && error.code.startsWith("SQLITE_CONSTRAINT");
}

function isFull(error: unknown): boolean {
  return error instanceof LibsqlError && error.code === "SQLITE_FULL";
}
