/** Reads `atrium.yaml`: every problem is a sentence that names the line. */
import { createRequire } from "node:module";
import type { Document, LineCounter as Lines, Pair, YAMLMap } from "yaml";
import { nearestName } from "./nearest.ts";
import { SETTING_NAMES, type SettingName, settingOf } from "./table.ts";

/** What a file gives: texts by the name of the setting, and what is wrong in it. */
export type FileContent = { values: Map<SettingName, string>; problems: string[] };

/** The settings a file may hold, by their key in it. */
const BY_KEY = new Map(SETTING_NAMES.filter((name) => settingOf(name).yaml !== "").map((name) => [settingOf(name).yaml, name]));

/** @param file its name as people know it, for the sentences */
export function readYaml(text: string, file: string): FileContent {
  // Loaded only where there is such a file: the parser is larger than the launcher.
  const yaml: typeof import("yaml") = createRequire(import.meta.url)("yaml");
  const lines: Lines = new yaml.LineCounter();
  const document: Document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const content: FileContent = { values: new Map(), problems: [] };
  const at = (offset: number): string => `${file} line ${lines.linePos(offset).line}`;
  for (const error of document.errors) content.problems.push(`${at(error.pos[0])}: ${error.message}`);
  if (content.problems.length > 0 || document.contents === null) return content;
  if (!yaml.isMap(document.contents)) {
    content.problems.push(`${file} must hold lines like \`port: 3000\`.`);
    return content;
  }

  const take = (map: YAMLMap, above: string): void => {
    for (const pair of map.items) takePair(pair, above);
  };
  const takePair = ({ key, value }: Pair, above: string): void => {
    const where = at(yaml.isNode(key) ? (key.range?.[0] ?? 0) : 0);
    const path = above + String(yaml.isScalar(key) ? key.value : key);
    const name = BY_KEY.get(path);
    if (name === undefined) {
      const isLevel = [...BY_KEY.keys()].some((known) => known.startsWith(`${path}.`));
      if (isLevel && yaml.isMap(value)) take(value, `${path}.`);
      else content.problems.push(isLevel ? `${where}: \`${path}\` must be a group of settings.` : unknown(where, path));
      return;
    }
    const given = textOf(yaml, value);
    if (given === undefined) content.problems.push(`${where}: \`${path}\` must be ${settingOf(name).kind.form}.`);
    else if (given !== "" && settingOf(name).kind.parse(given) === undefined) {
      const shown = settingOf(name).secret ? "has another form" : `is ${JSON.stringify(given)}`;
      content.problems.push(`${where}: \`${path}\` ${shown}. It must be ${settingOf(name).kind.form}.`);
    } else content.values.set(name, given);
  };
  take(document.contents, "");
  return content;
}

function unknown(where: string, path: string): string {
  const elsewhere = SETTING_NAMES.find((name) => name === path);
  if (elsewhere && settingOf(elsewhere).yaml !== "")
    return `${where}: \`${path}\` is its name in the environment. Here it is \`${settingOf(elsewhere).yaml}\`.`;
  const near = nearestName(path, [...BY_KEY.keys()]);
  return `${where}: there is no setting \`${path}\`.${near ? ` Did you mean \`${near}\`?` : " docs/settings.md lists them."}`;
}

/** A value as the environment would have it; undefined for what no setting can be. */
function textOf(yaml: typeof import("yaml"), value: unknown): string | undefined {
  if (value === null) return "";
  if (yaml.isSeq(value)) {
    const parts = value.items.map((item) => textOf(yaml, item));
    return parts.every((part) => part !== undefined) ? parts.join(",") : undefined;
  }
  if (!yaml.isScalar(value)) return undefined;
  return value.value === null ? "" : String(value.value);
}
