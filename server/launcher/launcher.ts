/** Starts an instance, keeps it running, and stops it: the part that knows the order of things. */
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { assertNever } from "../../party/protocol/assert.ts";
import { deferred } from "./deferred.ts";
import { errorCode, StartError } from "./errors.ts";
import { makeFolder } from "./files.ts";
import { LogFile } from "./log-file.ts";
import type { ChildMessage } from "./messages.ts";
import { reportGone, sayFarewell, untilReady } from "./peers.ts";
import type { ProcessTable } from "./process-table.ts";
import { isForOthers, qrLines } from "./qr.ts";
import type { Instance } from "./roles.ts";
import { publicUrl, type Settings } from "./settings.ts";
import { type ChildSpec, Supervisor } from "./supervisor.ts";
import { readyBlock, type Terminal } from "./terminal.ts";

/** ms after which a slow start explains itself */
const SLOW_START_MS = 20_000;

/** How a run of the launcher ended. */
export type Ending = { kind: "stopped" } | { kind: "fatal"; message: string };

export class Launcher {
  readonly #instance: Instance;
  readonly #terminal: Terminal;
  readonly #table: ProcessTable;
  readonly #children: Supervisor[];
  readonly #over = new AbortController();
  readonly #ended = deferred<Ending>();
  #ending: Ending | undefined;
  #ownerLink: string | undefined;

  /** @param specs the children, in the order in which they are started */
  constructor(instance: Instance, specs: readonly ChildSpec[], table: ProcessTable, terminal: Terminal) {
    this.#instance = instance;
    this.#terminal = terminal;
    this.#table = table;
    this.#children = specs.map((spec) => this.#supervise(spec));
  }

  /** Resolves when everything is down again. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  /** Ends what a former launcher left behind, then starts every child at once: they find each other by themselves. */
  async start(): Promise<void> {
    const { killed, deadRunners } = await this.#table.sweep();
    if (killed.length > 0) this.#terminal.say(`Ended what an earlier launcher left behind: ${killed.join(", ")}`);
    for (const runner of deadRunners) this.#tellGone(runner);
    for (const child of this.#children) child.start();
  }

  /** Prints the block once the api says that all is well. */
  async announce(): Promise<void> {
    const slow = setTimeout(() => {
      this.#terminal.say(
        `Still starting after ${SLOW_START_MS / 1_000} s; the reason is in ${logFolder(this.#instance.settings)}`,
      );
    }, SLOW_START_MS);
    await untilReady(this.#instance.peers, this.#over.signal);
    clearTimeout(slow);
    if (this.#over.signal.aborted) return;
    const { settings, port } = this.#instance;
    const url = publicUrl(settings, port);
    const qr = isForOthers(url) ? await qrLines(this.#ownerLink ?? url, process.stdout.isTTY === true) : undefined;
    this.#terminal.note(`Serving at ${url}`);
    this.#terminal.block(readyBlock({ url, ownerLink: this.#ownerLink, data: settings.data, qr }));
    // The cache would else be written at a clean exit only. Enabled by node-guard.mjs.
    flushCompileCache();
  }

  /** Orderly: no new visitors, a word to those who are here, SIGTERM, SIGKILL after 2 s. A second call changes nothing. */
  async stop(ending: Ending = { kind: "stopped" }): Promise<void> {
    if (this.#ending) return;
    this.#ending = ending;
    this.#over.abort();
    await sayFarewell(this.#instance.peers);
    await Promise.all(this.#children.map((child) => child.stop()));
    this.#ended.resolve(ending);
  }

  /** At once, without a word to anybody. */
  async kill(): Promise<void> {
    this.#ending ??= { kind: "stopped" };
    const ending = this.#ending;
    this.#over.abort();
    await Promise.all(this.#children.map((child) => child.kill()));
    this.#ended.resolve(ending);
  }

  /** Replaces the processes of these names, after a new build. */
  replace(names: readonly string[]): void {
    for (const child of this.#children) if (names.includes(child.name)) child.replace();
  }

  #supervise(spec: ChildSpec): Supervisor {
    const { settings } = this.#instance;
    return new Supervisor(spec, openLog(settings, spec.name), {
      say: (line) => this.#terminal.say(`${line} (log: ${logPath(settings, spec.name)})`),
      started: (pid, { runnerId }) => this.#table.started(spec.name, pid, runnerId),
      ended: (pid, { runnerId }) => {
        this.#table.ended(pid);
        // An instance elsewhere learns of it when the leases are over.
        if (runnerId && !this.#instance.home) this.#tellGone(runnerId);
      },
      message: (message) => this.#hear(message),
    });
  }

  #hear(message: ChildMessage): void {
    switch (message.type) {
      case "owner-link":
        this.#ownerLink = message.url;
        return;
      case "fatal":
        void this.stop({ kind: "fatal", message: message.message });
        return;
      case "built":
        this.#terminal.say(`Built ${message.part} again`);
        this.replace(message.part === "rooms" ? ["rooms"] : ["api", "runner"]);
        return;
      case "ready":
      case "beat":
        return;
      default:
        assertNever(message);
    }
  }

  #tellGone(runner: string): void {
    void reportGone(this.#instance.peers, runner, this.#over.signal).then((outcome) => {
      // What was not told stays in the table: the next launcher tells it.
      if (outcome === "stopped") return;
      this.#table.settled(runner);
      if (outcome === "refused")
        this.#terminal.say(`The api did not accept the end of runner ${runner}; its leases run out by themselves`);
    });
  }
}

function logFolder(settings: Settings): string {
  return join(settings.data, "logs");
}

function logPath(settings: Settings, name: string): string {
  return join(logFolder(settings), `${name}.log`);
}

/** Opens the log of a process in the data folder. */
export function openLog(settings: Settings, name: string): LogFile {
  return new LogFile(logPath(settings, name));
}

/** Makes the folders of an instance. @throws {StartError} when the data folder cannot be made */
export function prepareData({ data }: Settings): void {
  try {
    // Others may pass through to the workspaces (tools can run as another user), but not look around.
    makeFolder(data, 0o711);
    for (const name of ["logs", "rooms"]) makeFolder(join(data, name), 0o700);
  } catch (error) {
    throw new StartError(
      `Cannot use the data folder ${data} (${errorCode(error) ?? String(error)}). Set ATRIUM_DATA to a folder this user may write.`,
    );
  }
}
