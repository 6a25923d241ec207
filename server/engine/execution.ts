/**
 * One run on this runner, from the claim to letting go. Loaded with the first run: an idle runner carries neither the
 * tools nor the schemas.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { assertNever } from "../../party/protocol/assert.ts";
import type { RunnerCommand } from "../../party/protocol/internal.ts";
import type { Skill } from "../../skills/skill-file.ts";
import type { LetGo, RunHandle } from "../runtimes/contract.ts";
import { nativeTools } from "../tools/native.ts";
import type { Sandbox } from "../tools/sandbox.ts";
import { executeClient } from "./execute-client.ts";
import { Feeder, type Inbound } from "./feeder.ts";
import { fileCacheFolder } from "./file-cache.ts";
import type { Home } from "./home.ts";
import { systemClock } from "./loop/clock.ts";
import { nativeRuntime } from "./loop/native.ts";
import { lentModels } from "./model-access.ts";
import { runEnvironment } from "./run-env.ts";
import { RunFiles } from "./run-files.ts";
import { versionsClient } from "./versions.ts";

/** What this machine offers every run. */
export type Host = {
  runner: string;
  home: Home;
  /** public address of the api, for commands */
  apiUrl: string;
  /** absolute path of the data folder */
  data: string;
  timezone: string;
  sandbox: Sandbox;
  /** the skills that come with the program; read when the first run asks for them */
  skills(): Promise<readonly Skill[]>;
};

/** `refused`: the room did not grant the run, so nothing was done. */
export type Outcome = LetGo | "refused";

export type Execution = {
  /** settles when nothing of the run is left on this machine; does not reject */
  done: Promise<Outcome>;
  /** lets go without a word, so that another runner goes on */
  close(): void;
};

/** Claims a run and executes it. */
export function execute(command: RunnerCommand, host: Host): Execution {
  const { run, fence, feeder: url } = command;
  const feeder = new Feeder({ url, run, fence, home: host.home, runner: host.runner, now: () => performance.now() });
  const done = work(command, host, feeder).catch((error: unknown): Outcome => {
    console.error(`run ${run} could not be executed`, error);
    return "lost";
  });
  return { done: done.finally(() => feeder.close()), close: () => feeder.close() };
}

async function work(command: RunnerCommand, host: Host, feeder: Feeder): Promise<Outcome> {
  const { run, agent, company, token } = command;
  const outcome = await feeder.claim();
  if (outcome.kind === "refused") {
    console.error(`run ${run} was not granted: ${outcome.message}`);
    return "refused";
  }
  const { claimed, journal } = outcome;
  const workspace = join(host.data, "workspaces", company, agent);
  const api = { home: host.home, token };
  const { lost } = feeder;
  const clock = systemClock;
  const [skills, models] = await Promise.all([
    host.skills(),
    lentModels({ ...api, run, lost, clock }),
    mkdir(workspace, { recursive: true }),
  ]);
  const files = new RunFiles({ ...api, workspace, cache: fileCacheFolder(host.data, `${run}-${claimed.fence}`), clock, lost });
  const handle = nativeRuntime({ tools: nativeTools(host.sandbox) }).start({
    claimed,
    journal,
    room: feeder,
    execute: executeClient({ ...api, run, fence: claimed.fence, lost, clock }),
    versions: versionsClient(api, workspace),
    files,
    models,
    workspace,
    sandbox: host.sandbox,
    skills,
    env: runEnvironment({ run, agent, company, token, apiUrl: host.apiUrl, timezone: host.timezone }),
  });
  feeder.listen((message) => passOn(message, handle));
  try {
    return await handle.done;
  } finally {
    await files.close();
  }
}

function passOn(message: Inbound, handle: RunHandle): void {
  switch (message.type) {
    case "steer":
      handle.send({ id: message.steer, by: message.by, text: message.text });
      break;
    case "decided":
      handle.answerPermission(message);
      break;
    case "answered":
      handle.answerQuestion(message);
      break;
    case "interrupt":
      handle.interrupt(message.by);
      break;
    case "cancel":
      handle.cancel(message.by);
      break;
    default:
      assertNever(message);
  }
}
