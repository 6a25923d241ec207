/** The instance a command is for: where its data lies, and whether it runs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSettings, type Settings } from "../launcher/settings.ts";
import { CliError, type Terminal } from "./command.ts";

/** The settings as a start would read them, without saying what is odd about them. */
export function settingsOf({ root, env }: Terminal): Settings {
  return readSettings([], env, root);
}

/** The same where there is an instance already. @throws {CliError} when the folder holds none */
export function existingInstance(terminal: Terminal): Settings {
  const settings = settingsOf(terminal);
  if (!existsSync(join(settings.data, "generation"))) {
    throw new CliError(
      `There is no instance in ${settings.data}. Start it once with \`npm start\`, or name its folder: ATRIUM_DATA=/path npm run atrium -- ..`,
    );
  }
  return settings;
}
