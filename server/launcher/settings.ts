/** What the person asked for: arguments and environment, read once at the start. */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readSetting, SettingsError } from "../settings/read.ts";
import { readSources, type Sources } from "../settings/sources.ts";
import { StartError } from "./errors.ts";
import { parseRecord } from "./files.ts";

/** The processes of an instance. */
export type Role = "rooms" | "api" | "runner";
export const ROLES: readonly Role[] = ["rooms", "api", "runner"];

export interface Settings {
  /** absolute path of the project */
  root: string;
  /** absolute path of the data folder */
  data: string;
  host: string;
  /** 0: any free one */
  port: number;
  /** public address given by `ATRIUM_URL`; otherwise it follows from host and port */
  url: string | undefined;
  /** one process alone, or all */
  only: Role | undefined;
  /** `--join <address>#<token>`: lets this machine carry out runs of an instance elsewhere */
  join: string | undefined;
  /** false when all runs are carried out elsewhere */
  localRunner: boolean;
  dev: boolean;
  version: string;
  /** `ATRIUM_ROOMS_URL` and `ATRIUM_INTERNAL_URL`, needed only when processes are started apart */
  roomsUrl: string | undefined;
  internalUrl: string | undefined;
  /** every setting that was given, from wherever, checked: what the processes get by environment */
  given: Sources["given"];
  /** sentences about names that look like settings and are none */
  warnings: readonly string[];
}

const USAGE =
  "Usage: npm start [-- --only rooms|api|runner [--join <address>#<token>]], or npm run dev. docs/settings.md lists the settings.";

/** @throws {StartError} with a sentence that names the wrong setting */
export function readSettings(args: string[], env: NodeJS.ProcessEnv, root: string): Settings {
  const { only, dev, join: joined } = readArguments(args);
  const { data, given, warnings } = sources(root, env);
  const settings: Settings = {
    root,
    data,
    host: readSetting("HOST", given),
    port: readSetting("PORT", given),
    url: readSetting("ATRIUM_URL", given),
    only,
    join: joined,
    localRunner: readSetting("ATRIUM_LOCAL_RUNNER", given),
    dev,
    version: readVersion(root),
    roomsUrl: readSetting("ATRIUM_ROOMS_URL", given),
    internalUrl: readSetting("ATRIUM_INTERNAL_URL", given),
    given,
    warnings,
  };
  // A runner without these works for an instance on another machine.
  if (only && only !== "runner" && !(settings.roomsUrl && settings.internalUrl)) {
    throw new StartError(
      `--only ${only} needs ATRIUM_ROOMS_URL and ATRIUM_INTERNAL_URL, the same for every process, for example http://127.0.0.1:3001 and http://127.0.0.1:3002.`,
    );
  }
  return settings;
}

/** The address people open. @param port the real one, after 0 was resolved */
export function publicUrl(settings: Settings, port: number): string {
  if (settings.url) return settings.url;
  return `http://${reachable(settings.host)}:${port}`;
}

/** The address by which this machine reaches a server that listens on `host`. */
export function localUrl(host: string, port: number): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  return `http://${everywhere ? "127.0.0.1" : bracketed(host)}:${port}`;
}

function reachable(host: string): string {
  if (host !== "0.0.0.0" && host !== "::") return bracketed(host);
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find((address) => address.family === "IPv4" && !address.internal)?.address ?? "127.0.0.1";
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function readArguments(args: string[]): { only: Role | undefined; dev: boolean; join: string | undefined } {
  let values: { only?: string; dev?: boolean; join?: string };
  try {
    const options = { only: { type: "string" }, dev: { type: "boolean" }, join: { type: "string" } } as const;
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : String(error)}. ${USAGE}`);
  }
  const only = ROLES.find((role) => role === values.only);
  if (values.only !== undefined && !only) throw new StartError(`There is no process "${values.only}". ${USAGE}`);
  if (values.join !== undefined && only !== "runner") throw new StartError(`--join goes with --only runner. ${USAGE}`);
  return { only, dev: values.dev ?? false, join: values.join };
}

function sources(root: string, env: NodeJS.ProcessEnv): Sources {
  try {
    return readSources(root, env);
  } catch (error) {
    throw error instanceof SettingsError ? new StartError(error.message) : error;
  }
}

function readVersion(root: string): string {
  const version = parseRecord(readFileSync(join(root, "package.json"), "utf8"))?.version;
  if (typeof version !== "string") throw new StartError("package.json names no version.");
  return version;
}
