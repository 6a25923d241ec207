/** One row of the table of settings. */
import type { Kind } from "./kinds.ts";

/** Who reads a setting. */
export type SettingReader = "launcher" | "api" | "rooms" | "runner";

/** The chapters of the printed table, in order. */
export const GROUPS = ["Address", "People", "Files", "Limits", "Upkeep", "Processes apart"] as const;
export type Group = (typeof GROUPS)[number];

type About = {
  group: Group;
  /** the key in `atrium.yaml`, a dot stands for a level; empty: only by environment and `.env` */
  yaml: string;
  /** of a number */
  unit?: string;
  readers: readonly SettingReader[];
  /** given only to its readers, never printed */
  secret?: true;
  /** one sentence: what it does */
  about: string;
};

export type Setting<T> = About & { kind: Kind<T>; default: string | undefined };

/** A setting whose value is never missing. @param fallback the text that counts when none is given */
export function always<T>(kind: Kind<T>, fallback: string, about: About): Setting<T> & { default: string } {
  return { kind, default: fallback, ...about };
}

/** A setting that may be missing. */
export function optional<T>(kind: Kind<T>, about: About): Setting<T> & { default: undefined } {
  return { kind, default: undefined, ...about };
}
