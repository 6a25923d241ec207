/** Runs one child after `child-machine.ts`: spawns it, watches its signs of life, kills its group, starts it again. */
import { type ChildProcess, spawn } from "node:child_process";
import { assertNever } from "../../party/protocol/assert.ts";
import { type ChildEffect, type ChildEvent, dueAt, IDLE, type Patience, step } from "./child-machine.ts";
import { deferred } from "./deferred.ts";
import { killGroup, killMarked } from "./kill.ts";
import type { LogFile } from "./log-file.ts";
import { type ChildMessage, readChildMessage } from "./messages.ts";

/** ms between probes until the first is answered: the sooner it is, the sooner a freeze shows. A refused connection costs nothing. */
const FIRST_PROBES_EVERY_MS = 20;

/** One start of a child. */
export interface Command {
  /** program and arguments; every wrapper in it replaces itself, so that the process id is the program's */
  line: string[];
  env: NodeJS.ProcessEnv;
  /** given to each start of a runner, so that its leases can be ended with it */
  runnerId?: string;
}

export interface ChildSpec {
  name: string;
  /** called for each start */
  command(): Command;
  /** how the child shows that it lives: Node programs beat over IPC, others answer a probe */
  life: { kind: "beats" } | { kind: "probe"; everyMs: number; probe(): Promise<boolean> };
  patience: Patience;
}

export interface SupervisorEvents {
  /** one line for people about this child */
  say(line: string): void;
  started(pid: number, command: Command): void;
  /** the process is gone and so is its group */
  ended(pid: number, command: Command): void;
  message(message: ChildMessage): void;
}

export class Supervisor {
  readonly name: string;
  readonly #spec: ChildSpec;
  readonly #log: LogFile;
  readonly #events: SupervisorEvents;
  #state = IDLE;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #prober: NodeJS.Timeout | undefined;
  readonly #stopped = deferred<void>();

  constructor(spec: ChildSpec, log: LogFile, events: SupervisorEvents) {
    this.name = spec.name;
    this.#spec = spec;
    this.#log = log;
    this.#events = events;
  }

  start(): void {
    this.#feed({ kind: "start" });
  }

  /** SIGTERM, and SIGKILL to the group after `SUPERVISION.killAfterMs`; resolves when the process is gone for good. */
  stop(): Promise<void> {
    this.#feed({ kind: "stop" });
    return this.#stopped.promise;
  }

  /** SIGKILL to the group at once, and no further start. */
  kill(): Promise<void> {
    this.#feed({ kind: "kill" });
    return this.#stopped.promise;
  }

  /** Stops the process in order and starts a new one without back-off. */
  replace(): void {
    this.#feed({ kind: "replace" });
  }

  #feed(event: ChildEvent): void {
    const { state, effects } = step(this.#state, event, performance.now(), this.#spec.patience);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#arm();
    if (this.#state.kind === "stopped") this.#stopped.resolve();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const due = dueAt(this.#state, this.#spec.patience);
    if (due === undefined) return;
    const wait = Math.max(0, due - performance.now());
    this.#timer = setTimeout(() => this.#feed({ kind: "tick", lateMs: performance.now() - due }), Math.ceil(wait));
  }

  #carryOut(effect: ChildEffect): void {
    switch (effect.kind) {
      case "spawn":
        this.#spawn();
        break;
      case "terminate":
        this.#child?.kill("SIGTERM");
        break;
      case "kill-group":
        if (this.#child?.pid) killGroup(this.#child.pid);
        break;
      case "say":
        this.#events.say(`${this.name} ${effect.text}`);
        break;
      default:
        assertNever(effect);
    }
  }

  #spawn(): void {
    const { life } = this.#spec;
    let child: ChildProcess;
    let command: Command;
    try {
      command = this.#spec.command();
      const [file = "", ...args] = command.line;
      child = spawn(file, args, {
        env: command.env,
        // A group of its own, so that it can be killed with everything it started, and Ctrl-C reaches only the launcher.
        detached: true,
        stdio: ["ignore", "pipe", "pipe", life.kind === "beats" ? "ipc" : "ignore"],
      });
    } catch (error) {
      setImmediate(() => this.#feed({ kind: "exit", how: String(error) }));
      return;
    }
    this.#child = child;
    const { pid } = child;
    let over = false;
    const exited = (how: string): void => {
      if (over) return;
      over = true;
      clearTimeout(this.#prober);
      if (pid !== undefined) {
        killGroup(pid);
        if (command.runnerId) killMarked(command.runnerId);
        this.#events.ended(pid, command);
      }
      this.#log.write(`--- ${new Date().toISOString()} ${this.name} ended: ${how}\n`);
      this.#feed({ kind: "exit", how });
    };
    child.once("error", (error) => exited(error.message));
    child.once("exit", (code, signal) => exited(signal ? `signal ${signal}` : `exit code ${code}`));
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Uint8Array) => this.#log.write(chunk));
    if (pid === undefined) return;

    this.#log.write(`--- ${new Date().toISOString()} ${this.name} started as process ${pid}\n`);
    this.#events.started(pid, command);
    child.on("message", (raw) => {
      if (this.#child !== child || over) return;
      this.#feed({ kind: "sign" });
      const message = readChildMessage(raw);
      if (message) this.#events.message(message);
    });
    if (life.kind === "probe") {
      let alive = false;
      const look = async (): Promise<void> => {
        const answered = await life.probe();
        if (this.#child !== child || over) return;
        if (answered) this.#feed({ kind: "sign" });
        alive ||= answered;
        this.#prober = setTimeout(look, alive ? life.everyMs : FIRST_PROBES_EVERY_MS);
      };
      void look();
    }
  }
}
