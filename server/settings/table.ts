/**
 * Every setting, once. The launcher reads them (`sources.ts`), checks them, and hands each process what it needs by
 * environment; `docs/settings.md` is generated from here (`npm run docs:settings`).
 */
import { ADDRESS } from "./groups/address.ts";
import { PEOPLE } from "./groups/people.ts";
import { STORAGE } from "./groups/storage.ts";
import { APART, UPKEEP } from "./groups/upkeep.ts";
import type { Kind } from "./kinds.ts";
import type { Setting } from "./setting.ts";

export const SETTINGS = { ...ADDRESS, ...PEOPLE, ...STORAGE, ...UPKEEP, ...APART } satisfies Record<string, Setting<unknown>>;

type Table = typeof SETTINGS;
export type SettingName = keyof Table;
type KindOf<S> = S extends { kind: Kind<infer T> } ? T : never;
/** The value of a setting; undefined only where it has no default. */
export type SettingValue<N extends SettingName> = Table[N] extends { default: string }
  ? KindOf<Table[N]>
  : KindOf<Table[N]> | undefined;

export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isSettingName);

/** What the launcher hands to processes beside the settings: nobody sets these by hand. */
export const HANDED_OVER: readonly string[] = [
  "ATRIUM_ROOT",
  "ATRIUM_VERSION",
  "ATRIUM_GENERATION",
  "ATRIUM_PUBLIC_URL",
  "ATRIUM_PUBLIC_ORIGIN",
  "ATRIUM_RUNNER_ID",
  "ATRIUM_API_URL",
];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** One setting without its value's type, for those who go through all of them. */
export function settingOf(name: SettingName): Setting<unknown> {
  return SETTINGS[name];
}
