/** The command lines and environments of an instance's processes. */
import { join } from "node:path";
import { assertNever } from "../../party/protocol/assert.ts";
import { newId } from "../../party/protocol/ids.ts";
import { ROOM_BINDINGS } from "../rooms/host/config.ts";
import { workerdCommand } from "../rooms/host/workerd.ts";
import { isSettingName, settingOf } from "../settings/table.ts";
import type { HomeKey } from "./home.ts";
import { RUNNER_MARK } from "./kill.ts";
import { type Peers, roomsAnswer } from "./peers.ts";
import type { Secrets } from "./secrets.ts";
import { publicUrl, type Role, type Settings } from "./settings.ts";
import type { ChildSpec } from "./supervisor.ts";
import { diesWithParent } from "./wrappers.ts";

/** Everything that is known once ports are chosen and secrets are read. */
export interface Instance {
  settings: Settings;
  /** the public port, after 0 was resolved */
  port: number;
  secrets: Secrets;
  generation: number;
  peers: Peers;
  /** where the runner works, when that is another machine's instance */
  home: HomeKey | undefined;
}

/** ms between two probes of the rooms */
const PROBE_EVERY_MS = 2_000;

/** Keeps the young generation small: shorter pauses of the event loop and less memory, at no cost in rate. */
const NODE_FLAGS = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4"];

/** How to start the process of a role. */
export function childOf(role: Role, instance: Instance): ChildSpec {
  const { settings, peers } = instance;
  const patience = settings.dev ? "endless" : "limited";
  switch (role) {
    case "rooms":
      return {
        name: "rooms",
        patience,
        life: { kind: "probe", everyMs: PROBE_EVERY_MS, probe: () => roomsAnswer(peers) },
        command: () => ({ line: workerdCommand({ ...settings, ...peers }), env: roomsEnvironment(instance) }),
      };
    case "api":
      return {
        name: "api",
        patience,
        life: { kind: "beats" },
        command: () => ({
          // The kernel ends it with the launcher even when its event loop is stuck: it holds the public port.
          line: [...diesWithParent(), ...nodeLine(settings, "api.js"), "--only", "api"],
          env: environment(instance, "api"),
        }),
      };
    case "runner":
      return {
        name: "runner",
        patience,
        life: { kind: "beats" },
        command: () => {
          const runnerId = newId("rn");
          // No parent-death signal: when the launcher dies it must still end the processes of its runs.
          const line = [...nodeLine(settings, "runner.js"), "--only", "runner"];
          return { line, env: { ...environment(instance, "runner"), [RUNNER_MARK]: runnerId }, runnerId };
        },
      };
    default:
      return assertNever(role);
  }
}

function nodeLine(settings: Settings, bundle: string): string[] {
  // Reading source maps costs as much memory as the bundle itself.
  const debug = settings.dev ? ["--enable-source-maps"] : [];
  return [process.execPath, ...NODE_FLAGS, ...debug, join(settings.root, "dist/server", bundle)];
}

/** Who is given an environment; `tool` is what only builds, in development. */
export type Reader = Role | "tool";

/**
 * What a process gets beside the environment the launcher was started with: the settings from wherever they were given, without
 * the secrets of others. Where commands of an agent run as the runner's own user, they can read what it was started with.
 */
export function environment(instance: Instance, reader: Reader): NodeJS.ProcessEnv {
  const all = { ...process.env, ...instance.settings.given, ...variables(instance) };
  return Object.fromEntries(Object.entries(all).filter(([name]) => mayRead(reader, name)));
}

function mayRead(reader: Reader, name: string): boolean {
  if (!isSettingName(name)) return true;
  const { secret, readers } = settingOf(name);
  return !secret || (reader !== "tool" && readers.includes(reader));
}

function variables(instance: Instance): NodeJS.ProcessEnv {
  const { settings, port, secrets, generation, peers, home } = instance;
  if (home) {
    return {
      ATRIUM_ROOT: settings.root,
      ATRIUM_DATA: settings.data,
      ATRIUM_VERSION: settings.version,
      ATRIUM_SERVER_URL: home.server,
      ATRIUM_RUNNER_KEY: home.key,
      ATRIUM_PUBLIC_URL: home.server,
    };
  }
  return {
    ATRIUM_ROOT: settings.root,
    ATRIUM_DATA: settings.data,
    ATRIUM_VERSION: settings.version,
    ATRIUM_GENERATION: String(generation),
    ATRIUM_ROOMS_SECRET: secrets.rooms,
    ATRIUM_TICKET_SECRET: secrets.tickets,
    ATRIUM_VAULT_KEY: secrets.vault,
    ATRIUM_ROOMS_URL: peers.roomsUrl,
    ATRIUM_INTERNAL_URL: peers.internalUrl,
    ATRIUM_PUBLIC_URL: publicUrl(settings, port),
    // Only a fixed address can stand in front of the rooms; without one every socket comes through the api.
    ATRIUM_PUBLIC_ORIGIN: settings.url ? new URL(settings.url).origin : "",
    PORT: String(port),
    HOST: settings.host,
  };
}

/** The rooms get only what is bound into them, and the path on which the wrappers are found. */
function roomsEnvironment(instance: Instance): NodeJS.ProcessEnv {
  const all = environment(instance, "rooms");
  const bound = Object.values(ROOM_BINDINGS).map((name) => [name, all[name]]);
  return { ...Object.fromEntries(bound), PATH: process.env.PATH };
}
