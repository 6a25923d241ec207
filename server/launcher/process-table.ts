/**
 * The processes of this data folder, on disk. A launcher that was killed leaves the table behind; the next one kills
 * what still lives of it (a frozen child cannot notice that its launcher is gone) and knows which runners are dead.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseRecord, readIfThere, writeDurably } from "./files.ts";
import { birthOf, killGroup, killMarked } from "./kill.ts";

interface Entry {
  name: string;
  pid: number;
  /** when the process started, so that another one with the same id is left alone */
  born: string;
}

/** ms until a killed process must be gone */
const GONE_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 10;

export class ProcessTable {
  readonly #path: string | undefined;
  #processes: Entry[] = [];
  /** runners that live or whose end the api has not confirmed yet */
  #runners: string[] = [];

  /** @param dataFolder whose lock the caller holds; undefined keeps the table in memory only, for a process started apart */
  constructor(dataFolder: string | undefined) {
    this.#path = dataFolder && join(dataFolder, "processes.json");
    if (!this.#path) return;
    const stored = parseRecord(readIfThere(this.#path));
    if (Array.isArray(stored?.processes)) this.#processes = stored.processes.filter(isEntry);
    if (Array.isArray(stored?.runners)) this.#runners = stored.runners.filter((id): id is string => typeof id === "string");
  }

  /**
   * Kills the groups of processes a former launcher left, waits until they are gone, and returns the runners whose end
   * nobody has been told. Call it before anything is started.
   */
  async sweep(): Promise<{ killed: string[]; deadRunners: string[] }> {
    const alive = this.#processes.filter(({ pid, born }) => born !== "" && birthOf(pid) === born);
    for (const { pid } of alive) killGroup(pid);
    const deadline = performance.now() + GONE_WITHIN_MS;
    while (performance.now() < deadline && alive.some(({ pid, born }) => birthOf(pid) === born)) await sleep(LOOK_EVERY_MS);
    for (const runner of this.#runners) killMarked(runner);
    this.#processes = [];
    this.#write();
    return { killed: alive.map(({ name }) => name), deadRunners: [...this.#runners] };
  }

  started(name: string, pid: number, runnerId?: string): void {
    this.#processes.push({ name, pid, born: birthOf(pid) ?? "" });
    if (runnerId) this.#runners.push(runnerId);
    this.#write();
  }

  ended(pid: number): void {
    this.#processes = this.#processes.filter((entry) => entry.pid !== pid);
    this.#write();
  }

  /** The api has been told that this runner is gone. */
  settled(runnerId: string): void {
    this.#runners = this.#runners.filter((id) => id !== runnerId);
    this.#write();
  }

  #write(): void {
    if (!this.#path) return;
    try {
      writeDurably(this.#path, `${JSON.stringify({ processes: this.#processes, runners: this.#runners })}\n`, 0o600);
    } catch {
      // On a full disk children must come and go all the same; only a successor after a kill -9 would miss the table.
    }
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null || !("name" in value && "pid" in value && "born" in value)) return false;
  return typeof value.name === "string" && typeof value.pid === "number" && value.pid > 1 && typeof value.born === "string";
}
