/**
 * Where settings come from, strongest first: the environment, `.env` in the data folder, `.env` in the project,
 * `atrium.yaml` in the data folder, the default. Everything is checked at once, so that one start shows every mistake.
 */
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { readIfThere } from "../launcher/files.ts";
import { nearestName } from "./nearest.ts";
import { readSetting, SettingsError, wrongValue } from "./read.ts";
import { HANDED_OVER, isSettingName, SETTING_NAMES, type SettingName, settingOf } from "./table.ts";
import { readYaml } from "./yaml-file.ts";

export const YAML_FILE = "atrium.yaml";
export const ENV_FILE = ".env";

export type Sources = {
  /** absolute path of the data folder */
  data: string;
  /** texts of the settings that were given, whatever they came from, by name */
  given: Partial<Record<SettingName, string>>;
  /** where each of them came from, in words */
  from: ReadonlyMap<SettingName, string>;
  /** what is odd but no reason to stop */
  warnings: string[];
};

/** How one layer is called, and its texts. */
type Layer = { name: string; values: ReadonlyMap<SettingName, string> };

/**
 * Reads and checks every source.
 * @param root absolute path of the project
 * @throws {SettingsError} one sentence a line, each with what to do
 */
export function readSources(root: string, env: NodeJS.ProcessEnv): Sources {
  const problems: string[] = [];
  const warnings = [...unknownNames("the environment", env)];
  const environment: Layer = { name: "the environment", values: settingsIn(env) };
  const project = envFile(join(root, ENV_FILE), warnings);
  const folder = environment.values.get("ATRIUM_DATA") ?? project.values.get("ATRIUM_DATA");
  const data = resolve(root, folder ?? readSetting("ATRIUM_DATA", {}));
  const own = resolve(data) === resolve(root) ? { ...project, values: new Map() } : envFile(join(data, ENV_FILE), warnings);
  const layers: Layer[] = [environment, own, project, yamlFile(join(data, YAML_FILE), problems)];

  const given: Sources["given"] = {};
  const from = new Map<SettingName, string>();
  for (const { name: layer, values } of layers) {
    for (const [name, text] of values) {
      if (from.has(name)) continue;
      from.set(name, layer);
      const setting = settingOf(name);
      const value = setting.kind.parse(text);
      if (value === undefined)
        problems.push(wrongValue(layer === environment.name ? name : `${name} in ${layer}`, text, setting));
      // Yes and no have several words; the processes know one of each.
      given[name] = typeof value === "boolean" ? String(Number(value)) : text;
    }
  }
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  return { data, given, from, warnings };
}

function settingsIn(env: NodeJS.ProcessEnv): Map<SettingName, string> {
  return new Map(SETTING_NAMES.flatMap((name) => (env[name] ? [[name, env[name]] as const] : [])));
}

function envFile(path: string, warnings: string[]): Layer {
  const text = readIfThere(path);
  if (text === undefined) return { name: path, values: new Map() };
  const env = parseEnv(text);
  warnings.push(...unknownNames(path, env));
  return { name: path, values: settingsIn(env) };
}

function yamlFile(path: string, problems: string[]): Layer {
  const text = readIfThere(path);
  if (text === undefined) return { name: path, values: new Map() };
  const content = readYaml(text, YAML_FILE);
  problems.push(...content.problems);
  const values = new Map([...content.values].filter(([, value]) => value !== ""));
  return { name: path, values };
}

/** Names that look like ours and are not: a typo there would be silent otherwise. */
function unknownNames(where: string, env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith("ATRIUM_") || isSettingName(name) || HANDED_OVER.includes(name)) return [];
    const near = nearestName(name, SETTING_NAMES);
    return [`${name} in ${where} is not a setting of Atrium.${near ? ` Did you mean ${near}?` : ""}`];
  });
}
