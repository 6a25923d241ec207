/** Programs of the machine that tests start: npm does not bring them. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Names under which distributions and people install a Chromium. */
const CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] as const;

/** Where the browser of the journeys is: what CHROMIUM_PATH says, or the first on PATH. Undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const said = env.CHROMIUM_PATH;
  if (said) return isProgram(said) ? said : undefined;
  return findProgram(CHROMIUM_NAMES, env);
}

/** The path of the first of these names that can be started. */
export function findProgram(names: readonly string[], env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What to do about a missing browser. */
export function noChromium(env: NodeJS.ProcessEnv = process.env): string {
  const install = "Install one (Debian: apt-get install chromium fonts-noto-core), or say with CHROMIUM_PATH where one is.";
  return env.CHROMIUM_PATH
    ? `CHROMIUM_PATH names ${env.CHROMIUM_PATH}, which cannot be started. ${install}`
    : `There is no browser for the journeys: none of ${CHROMIUM_NAMES.join(", ")} is on PATH. ${install}`;
}
