/** Runs one command of a workspace: starts it, collects its output, and ends it with all it started. */
import { type ChildProcess, execFile, type StdioOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { promisify } from "node:util";
import { assertNever } from "../../party/protocol/assert.ts";
import { bareLaunch, CALL_MARK, killGroup, sweep } from "./bare.ts";
import { bubblewrapLaunch, SANDBOX_SURROUNDINGS } from "./bubblewrap.ts";
import { type Surroundings, spawnEnvironment } from "./environment.ts";
import { dropRightsArgs, FIRST_INPUT, type Launch } from "./launch.ts";
import { TOOL_LIMITS } from "./limits.ts";
import { type CutText, OutputCollector, ProgressThrottle } from "./output.ts";
import { type OutputPipe, openOutputPipe } from "./output-pipe.ts";
import { errnoOf, ToolRefusal } from "./refusal.ts";
import type { Sandbox } from "./sandbox.ts";
import { adoptWorkspace, type ToolUser } from "./tool-user.ts";

const runProgram = promisify(execFile);

/** A command to run in a workspace. */
export interface Command {
  /** program and arguments; no shell in between */
  argv: readonly string[];
  workspace: string;
  /** the run's own variables */
  env: Record<string, string>;
  /** ms */
  timeoutMs: number;
  signal: AbortSignal;
  progress?(text: string): void;
}

/** Why it ended: by itself, or because we ended it. */
export type Ending =
  | { kind: "exit"; code: number }
  | { kind: "signal"; signal: string }
  | { kind: "timeout" }
  | { kind: "flood" }
  | { kind: "aborted" };

export interface Execution {
  ending: Ending;
  output: CutText;
}

/** ms to wait for the last output of a command that has ended, where an escaped process may hold its pipe open for ever. */
const LAST_OUTPUT_MS = 500;

/**
 * Runs a command to its end. When this returns, its processes are gone.
 * @throws ToolRefusal when it cannot be started
 */
export async function execute(sandbox: Sandbox, command: Command): Promise<Execution> {
  if (command.signal.aborted) return { ending: { kind: "aborted" }, output: { text: "", truncated: false } };
  const user = sandbox.users === undefined ? undefined : await adoptWorkspace(command.workspace, sandbox.users);
  switch (sandbox.kind) {
    case "bubblewrap": {
      const launch = bubblewrapLaunch(sandbox.view, command.workspace, user, command.argv);
      return await supervise(launch, spawnEnvironment(command.env, SANDBOX_SURROUNDINGS), command);
    }
    case "none":
      return await executeBare(command, user);
    default:
      return assertNever(sandbox);
  }
}

async function executeBare(command: Command, user: ToolUser | undefined): Promise<Execution> {
  const home = await mkdtemp(join(tmpdir(), "atrium-home-"));
  try {
    if (user !== undefined) await chown(home, user.uid, user.gid);
    const around: Surroundings = { home, tmp: home, programs: [dirname(process.execPath)] };
    // With the runner's id in it, the launcher finds what a runner that died has left running.
    const mark = `${process.env.ATRIUM_RUNNER_ID ?? "alone"}-${randomBytes(8).toString("hex")}`;
    const launch = await bareLaunch(command.workspace, user, command.argv);
    return await supervise(launch, spawnEnvironment(command.env, around, { [CALL_MARK]: mark }), command, (group) =>
      sweep(group, mark),
    );
  } finally {
    await removeHome(home, user);
  }
}

/** With the rights of the command's user: an escaped process could put a link in our way while root removes. */
async function removeHome(home: string, user: ToolUser | undefined): Promise<void> {
  if (user === undefined) await rm(home, { recursive: true, force: true });
  else await runProgram("setpriv", [...dropRightsArgs(user).slice(1), "rm", "-rf", "--", home]);
}

/** Spawns, watches the limits, kills, and waits until all is over. `clean` ends what the command left behind. */
async function supervise(
  launch: Launch,
  env: Record<string, string>,
  command: Command,
  clean?: (group: number) => Promise<void>,
): Promise<Execution> {
  const pipe = await openOutputPipe();
  const { child, ending } = await start(launch, env, pipe);
  const collector = new OutputCollector(TOOL_LIMITS.outputChars, command.env);
  const throttle = new ProgressThrottle((text) => command.progress?.(text));
  let stopped: Ending | undefined;
  const stop = (ending: Ending): void => {
    stopped ??= ending;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid);
  };
  let bytes = 0;
  pipe.reader.on("data", (chunk: Buffer) => {
    if (bytes > TOOL_LIMITS.commandOutputBytes) return;
    bytes += chunk.length;
    throttle.push(collector.push(chunk));
    if (bytes > TOOL_LIMITS.commandOutputBytes) stop({ kind: "flood" });
  });
  pipe.reader.on("error", () => {}); // it closes then, and what came before is the output
  const aborted = (): void => stop({ kind: "aborted" });
  command.signal.addEventListener("abort", aborted, { once: true });
  const timer = setTimeout(() => stop({ kind: "timeout" }), command.timeoutMs);
  try {
    if (command.signal.aborted) aborted(); // while the pipe was made
    const own = await ending;
    if (child.pid !== undefined) await clean?.(child.pid);
    await drained(pipe.reader);
    throttle.finish();
    return { ending: stopped ?? own, output: collector.finish() };
  } finally {
    clearTimeout(timer);
    command.signal.removeEventListener("abort", aborted);
    pipe.reader.destroy();
  }
}

interface Started {
  child: ChildProcess;
  ending: Promise<Ending>;
}

/** The child leads a session of its own, without a terminal it could type into, which is killed as one. */
async function start(launch: Launch, env: Record<string, string>, pipe: OutputPipe): Promise<Started> {
  const lifeline = "pipe" as const;
  const inputs = launch.inputs.map(() => "pipe" as const);
  try {
    const stdio: StdioOptions = ["ignore", pipe.writeFd, pipe.writeFd, lifeline, ...inputs];
    const child = spawn(launch.file, launch.args, { cwd: launch.cwd, env, stdio, detached: true });
    const ending = ended(child); // listens from the start: a failure to start is an event too
    ending.catch(() => {}); // told to whoever awaits it
    for (const [descriptor, stream] of child.stdio.entries()) {
      stream?.on("error", () => {}); // the command ended before it read all: its exit tells why
      if (descriptor >= FIRST_INPUT && stream instanceof Writable) stream.end(launch.inputs[descriptor - FIRST_INPUT]);
    }
    return { child, ending };
  } catch (error) {
    pipe.reader.destroy();
    throw notStarted(error);
  } finally {
    await pipe.releaseWriter();
  }
}

function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(notStarted(error)));
    child.once("exit", (code, signal) =>
      resolve(code === null ? { kind: "signal", signal: signal ?? "unknown" } : { kind: "exit", code }),
    );
  });
}

async function drained(reader: Socket): Promise<void> {
  if (reader.readableEnded || reader.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LAST_OUTPUT_MS);
    reader.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function notStarted(error: unknown): Error {
  if (errnoOf(error) === "E2BIG")
    return new ToolRefusal("too_large", "The command and its variables are too long. Put the text into a file first.");
  const why = error instanceof Error ? error.message : String(error);
  return new ToolRefusal(
    "command_failed_to_start",
    `The command could not be started (${why}). Tell the operator of this Atrium.`,
  );
}
