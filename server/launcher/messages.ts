/** What a child tells the launcher, and the launcher a child, over the IPC channel of Node. */

export type ChildMessage =
  /** sent once, when the child serves */
  | { type: "ready" }
  /** every `BEAT_EVERY_MS`; a child without one for `SUPERVISION.frozenAfterMs` is killed */
  | { type: "beat" }
  /** the api, before it is ready, when nobody owns the instance yet */
  | { type: "owner-link"; url: string }
  /** the child cannot run and starting it again cannot help: the launcher says why and stops everything */
  | { type: "fatal"; message: string }
  /** the builder of development: a part was built again and its processes should be replaced */
  | { type: "built"; part: BuildPart };

export type LauncherMessage = { type: "stop" };

/** The parts that are built, each from its own sources. */
export type BuildPart = "rooms" | "server" | "app";
export const BUILD_PARTS: readonly BuildPart[] = ["rooms", "server", "app"];

/** ms between two beats */
export const BEAT_EVERY_MS = 2_000;

/** The part of that name, or undefined. */
export function asBuildPart(text: unknown): BuildPart | undefined {
  return BUILD_PARTS.find((part) => part === text);
}

/**
 * Reads a message of a child; undefined for anything else. By hand and without zod: the launcher loads nothing but
 * Node, which keeps it below 20 MiB.
 */
export function readChildMessage(value: unknown): ChildMessage | undefined {
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  switch (value.type) {
    case "ready":
      return { type: "ready" };
    case "beat":
      return { type: "beat" };
    case "owner-link":
      return "url" in value && typeof value.url === "string" ? { type: "owner-link", url: value.url } : undefined;
    case "fatal":
      return "message" in value && typeof value.message === "string" ? { type: "fatal", message: value.message } : undefined;
    case "built": {
      const part = "part" in value ? asBuildPart(value.part) : undefined;
      return part ? { type: "built", part } : undefined;
    }
    default:
      return undefined;
  }
}

/** True for the launcher's request to stop. */
export function isStop(value: unknown): value is LauncherMessage {
  return typeof value === "object" && value !== null && "type" in value && value.type === "stop";
}
