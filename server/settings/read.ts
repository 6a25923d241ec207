/** Reads the value of a setting from an environment, as the table says. */
import type { Setting } from "./setting.ts";
import { type SettingName, type SettingValue, settingOf } from "./table.ts";

/** A setting is missing or wrong. The message names it and is for the person who started the process. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** What a wrong value is answered with; a secret is not repeated. */
export function wrongValue(name: string, text: string, { kind, secret }: Setting<unknown>): string {
  return `${name} ${secret ? "has another form" : `is ${JSON.stringify(text)}`}. It must be ${kind.form}.`;
}

/**
 * The value of a setting; an empty text counts as none.
 * @throws {SettingsError} when the text has another form
 */
export function readSetting<N extends SettingName>(name: N, env: NodeJS.ProcessEnv): SettingValue<N> {
  const setting = settingOf(name);
  const text = env[name] || setting.default;
  if (text === undefined) return undefined as SettingValue<N>;
  const value = setting.kind.parse(text);
  if (value === undefined) throw new SettingsError(wrongValue(name, text, setting));
  // The table binds each name to the kind that has parsed it.
  return value as SettingValue<N>;
}
