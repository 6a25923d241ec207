/** The runner process, `--only runner`. */
import { join, resolve } from "node:path";
import { superviseFromLauncher } from "../launcher/child.ts";
import { readSetting } from "../settings/read.ts";
import { detectSandbox } from "../tools/sandbox.ts";
import type { Host } from "./execution.ts";
import { clearFileCaches } from "./file-cache.ts";
import { type Home, localHome, remoteHome } from "./home.ts";
import { Runner } from "./runner.ts";

async function main(): Promise<void> {
  let runner: Runner | undefined;
  const launcher = superviseFromLauncher({ onStop: () => runner?.stop() });
  try {
    const sandbox = await detectSandbox();
    const data = resolve(setting("ATRIUM_DATA"));
    await clearFileCaches(data);
    if (sandbox.kind === "none") console.warn(`commands run without a sandbox: ${sandbox.reason}`);
    runner = new Runner({
      host: {
        runner: setting("ATRIUM_RUNNER_ID"),
        home: await home(),
        apiUrl: setting("ATRIUM_PUBLIC_URL"),
        data,
        timezone: process.env.TZ || Intl.DateTimeFormat().resolvedOptions().timeZone,
        sandbox,
        skills: bundledSkills(join(setting("ATRIUM_ROOT"), "skills")),
      },
      slots: readSetting("ATRIUM_RUNNER_SLOTS", process.env),
      connected: () => launcher.ready(),
    });
  } catch (error) {
    launcher.fatal(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** Read once and only when a run wants them: an idle runner holds none, and what comes with the program changes with it. */
function bundledSkills(folder: string): Host["skills"] {
  let loading: ReturnType<Host["skills"]> | undefined;
  return () => {
    loading ??= import("../skills/load.ts").then(({ loadSkills }) => loadSkills(folder));
    return loading;
  };
}

/** The instance this runner works for: elsewhere, when this machine was let in there. */
async function home(): Promise<Home> {
  const { ATRIUM_SERVER_URL: server, ATRIUM_RUNNER_KEY: key } = process.env;
  if (server && key) return remoteHome(server, key);
  return localHome(setting("ATRIUM_INTERNAL_URL"), setting("ATRIUM_ROOMS_SECRET"));
}

/** @throws with a sentence that names the missing variable */
function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Start the runner through npm start.`);
  return value;
}

void main();
