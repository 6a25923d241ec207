/** A whole Atrium as a person starts it: the real launcher with its real children, on a data folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { isAlive, processesNaming } from "./processes.ts";
import { until } from "./until.ts";

export const ROOT = resolve(import.meta.dirname, "../..");

/** As `npm start` runs it, without npm. */
const LAUNCHER = ["--disable-warning=ExperimentalWarning", "--import", "./server/node-guard.mjs", "server/start.ts"];
/** ms; the first start after a change builds everything */
const START_MS = 120_000;
/** ms a stop may take, with room for a loaded machine: the promise is 5 s and has a test of its own */
const STOP_MS = 15_000;

export const ROLES = ["api", "rooms", "runner"] as const;
/** A child of the launcher. */
export type ChildRole = (typeof ROLES)[number];
export type ProcessRole = ChildRole | "launcher";
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type StartOptions = {
  /** data folder of an earlier instance; a temporary one by default */
  data?: string;
  /** added to a clean environment */
  env?: NodeJS.ProcessEnv;
  /** `npm`: through `npm start`, as people do */
  by?: "node" | "npm";
};

const processTable = z.object({ processes: z.array(z.object({ name: z.string(), pid: z.number() })) });
const lockFile = z.object({ pid: z.number() });

export class Instance {
  /** public address */
  readonly url: string;
  /** present while nobody owns the instance */
  readonly ownerLink: string | undefined;
  readonly data: string;
  readonly exit: Promise<Exit>;
  /** the process that was started: the launcher, or npm before it */
  readonly outer: number;
  readonly #output: () => string;

  constructor(started: Started, url: string, ownerLink: string | undefined) {
    this.url = url;
    this.ownerLink = ownerLink;
    this.data = started.data;
    this.exit = started.exit;
    this.outer = started.child.pid ?? 0;
    this.#output = started.output;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ids of the processes that run now; a child that is being restarted is missing. */
  pids(): Partial<Record<ProcessRole, number>> {
    const table = readJson(join(this.data, "processes.json"), processTable)?.processes ?? [];
    const launcher = readJson(join(this.data, "lock.json"), lockFile)?.pid;
    const pids: Partial<Record<ProcessRole, number>> = {};
    for (const role of ROLES) {
      const pid = table.findLast((entry) => entry.name === role)?.pid;
      if (pid !== undefined && isAlive(pid)) pids[role] = pid;
    }
    if (launcher !== undefined && isAlive(launcher)) pids.launcher = launcher;
    return pids;
  }

  /** The id of a process, waiting until it runs. */
  async pid(role: ProcessRole): Promise<number> {
    return until(`the ${role} process`, () => this.pids()[role]);
  }

  /** Sends a signal to a process, as soon as it runs, and tells which one it was. */
  async kill(role: ProcessRole, signal: NodeJS.Signals = "SIGKILL"): Promise<number> {
    const pid = await this.pid(role);
    process.kill(pid, signal);
    return pid;
  }

  /** Waits until every process serves. */
  async ready(withinMs = 15_000): Promise<void> {
    await until("readiness", async () => (await fetch(`${this.url}/readyz`)).status === 200, withinMs);
  }

  /** What was printed at the terminal. */
  printed(): string {
    return this.#output();
  }

  /** The log of a process. */
  log(role: ProcessRole): string {
    try {
      return readFileSync(join(this.data, "logs", `${role}.log`), "utf8");
    } catch {
      return "";
    }
  }

  /** Everything that helps to understand a failed test: the ends of all logs. */
  logs(lines = 40): string {
    const parts = (["launcher", ...ROLES] as const).map((role) => {
      return `--- ${role}\n${this.log(role).trimEnd().split("\n").slice(-lines).join("\n")}`;
    });
    return parts.join("\n");
  }

  /** Stops as Ctrl-C does and waits for the end. */
  async stop(): Promise<Exit> {
    if (isAlive(this.outer)) process.kill(this.outer, "SIGTERM");
    let exit: Exit | undefined;
    void this.exit.then((how) => {
      exit = how;
    });
    return until("the end of the launcher", () => exit, STOP_MS);
  }

  /** Ends whatever is left, however badly, and removes the data folder. For the end of a test. */
  async remove(): Promise<void> {
    await this.stop().catch(() => undefined);
    killAll(this.data);
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Starts Atrium and waits for its printed block. @throws with what it printed when it ended instead */
export async function startInstance(options: StartOptions = {}): Promise<Instance> {
  const started = launch(options);
  let ended: Exit | undefined;
  void started.exit.then((exit) => {
    ended = exit;
  });
  await until("the ready block", () => ended ?? started.output().includes("Stop with"), START_MS).catch((error: Error) => {
    killAll(started.data);
    throw new Error(`${error.message}\n${started.output()}`);
  });
  const url = /running at +(\S+)/.exec(started.output())?.[1];
  if (!url) throw new Error(`The launcher ended (${JSON.stringify(ended)}) instead of starting:\n${started.output()}`);
  return new Instance(started, url, /yours with +(\S+)/.exec(started.output())?.[1]);
}

export type Started = { child: ChildProcess; data: string; output: () => string; exit: Promise<Exit> };

/** Starts the launcher and returns at once: for starts that are expected to fail, or whose time is measured. */
export function launch({ data, env, by = "node" }: StartOptions = {}): Started {
  const folder = data ?? mkdtempSync(join(tmpdir(), "atrium-e2e-"));
  const [file, args] = by === "npm" ? ["npm", ["start", "--silent"]] : [process.execPath, LAUNCHER];
  const child = spawn(file, args, {
    cwd: ROOT,
    env: { ...cleanEnvironment(), PORT: "0", ATRIUM_DATA: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // As in a terminal, where a launcher has a process group of its own.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exit = new Promise<Exit>((done) => child.once("close", (code, signal) => done({ code, signal })));
  const orphaned = (): void => killAll(folder);
  process.once("exit", orphaned);
  void exit.then(() => process.off("exit", orphaned));
  return { child, data: folder, output: () => output, exit };
}

/** Kills every process of a data folder. */
function killAll(data: string): void {
  for (const line of processesNaming(data)) {
    try {
      process.kill(Number(line.split(" ", 1)[0]), "SIGKILL");
    } catch {
      // Gone meanwhile.
    }
  }
}

/** The caller's environment without what a test runner, npm or another Atrium put there. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|VITEST|ATRIUM_|NODE_ENV$|NODE_OPTIONS$|PORT$|HOST$|TEST$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Parses a JSON file; undefined while it is missing or half of another shape. */
function readJson<S extends z.ZodType>(path: string, schema: S): z.infer<S> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}
