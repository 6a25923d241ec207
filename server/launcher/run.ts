/**
 * One run of the launcher from its arguments to its end: folder, lock, build, secrets, ports, children, stop. It loads
 * nothing but Node and its own files, to stay small.
 */
import { devChildren, VITE_PORT } from "./dev.ts";
import { StartError } from "./errors.ts";
import { homeOf } from "./home.ts";
import { Launcher, openLog, prepareData } from "./launcher.ts";
import { type DataLock, takeLock } from "./lock.ts";
import { BUILD_PARTS, type BuildPart } from "./messages.ts";
import { isFree, LOOPBACK, pickPort, requireFree } from "./ports.ts";
import { buildWhatChanged } from "./prebuild.ts";
import { ProcessTable } from "./process-table.ts";
import { childOf, type Instance } from "./roles.ts";
import { prepareRooms } from "./rooms-format.ts";
import { loadGeneration, loadSecrets } from "./secrets.ts";
import { localUrl, publicUrl, ROLES, type Role, readSettings, type Settings } from "./settings.ts";
import { onStopRequest } from "./signals.ts";
import { openTerminal } from "./terminal.ts";

/**
 * Runs an instance, or one process of it, until it is stopped.
 * @param root absolute path of the project
 * @throws {StartError} with a sentence for the person at the terminal
 */
export async function runLauncher(root: string, args: string[]): Promise<void> {
  const asked = readSettings(args, process.env, root);
  prepareData(asked);
  const vitePort = asked.dev ? await portForVite(asked.host) : undefined;
  // In development people open Vite, which hands on to the api: links and origin checks must know that address.
  const settings = vitePort ? { ...asked, url: asked.url ?? localUrl(asked.host, vitePort) } : asked;
  const port = settings.port || (await pickPort(settings.host));

  const lock = takeLockFor(settings, publicUrl(settings, port));
  const terminal = openTerminal(openLog(settings, "launcher"));
  for (const warning of settings.warnings) terminal.say(warning);
  try {
    if (roles(settings).includes("api")) await requireFree(settings.host, port);
    await buildWhatChanged(root, partsOf(settings), terminal);

    if (roles(settings).includes("rooms")) await prepareRooms(settings, terminal.say);
    const instance = await describe(settings, port);
    lock?.announce(instance.peers.internalUrl);
    const children = roles(settings).map((role) => childOf(role, instance));
    if (vitePort) children.push(...devChildren(instance, vitePort));
    const launcher = new Launcher(instance, children, new ProcessTable(lock && settings.data), terminal);
    onStopRequest({ stop: () => void launcher.stop(), kill: () => void launcher.kill() });
    process.once("uncaughtException", (error) => {
      terminal.say(`The launcher failed and stops everything: ${error.stack ?? error}`);
      void launcher.kill().then(() => process.exit(1));
    });

    await launcher.start();
    if (settings.only) terminal.say(`Atrium's ${settings.only} is starting; its log is in ${settings.data}/logs`);
    else void launcher.announce();
    const ending = await launcher.ended;
    if (ending.kind === "fatal") throw new StartError(ending.message);
    terminal.say("Atrium has stopped");
  } finally {
    lock?.release();
  }
}

/** Start order; all start at once, so it only decides who is first to be spawned. */
function roles(settings: Settings): readonly Role[] {
  if (settings.only) return [settings.only];
  return settings.localRunner ? ROLES : ROLES.filter((role) => role !== "runner");
}

function partsOf(settings: Settings): readonly BuildPart[] {
  if (settings.dev) return ["rooms", "server"];
  if (settings.only === "rooms") return ["rooms"];
  return settings.only === "runner" ? ["server"] : BUILD_PARTS;
}

/** The api owns the data folder, alone or with all others. Rooms started apart have a lock of their own; runners need none. */
function takeLockFor(settings: Settings, address: string): DataLock | undefined {
  return roles(settings).includes("api") ? takeLock(settings.data, address) : undefined;
}

async function describe(settings: Settings, port: number): Promise<Instance> {
  const home = await homeOf(settings);
  if (home) {
    // Nothing of the instance is on this machine: no secret of it, no room, no api.
    const peers = { roomsUrl: home.server, internalUrl: home.server, localUrl: home.server, secret: "" };
    return { settings, port, secrets: { rooms: "", tickets: "", vault: "" }, generation: 0, peers, home };
  }
  const secrets = loadSecrets(settings.data, settings.given);
  // Chosen once and kept while children come and go, so that nobody has to look for anybody.
  const rooms = settings.roomsUrl ?? localUrl(LOOPBACK, await pickPort(LOOPBACK, [port]));
  const internal = settings.internalUrl ?? localUrl(LOOPBACK, await pickPort(LOOPBACK, [port, Number(new URL(rooms).port)]));
  const peers = { roomsUrl: rooms, internalUrl: internal, localUrl: localUrl(settings.host, port), secret: secrets.rooms };
  return { settings, port, secrets, generation: loadGeneration(settings.data), peers, home };
}

async function portForVite(host: string): Promise<number> {
  return (await isFree(host, VITE_PORT)) ? VITE_PORT : pickPort(host);
}

/** `runLauncher` as a whole process: exit code 0 after a stop, 1 with a sentence on stderr when it could not run. */
export function startAndExit(root: string, args: string[]): void {
  runLauncher(root, args).then(
    () => process.exit(0),
    (error: unknown) => {
      const text = error instanceof StartError ? error.message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${text}\n`);
      process.exit(1);
    },
  );
}
