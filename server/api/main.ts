/** The api process. `--only api`: opens the database, migrates, then listens; started, watched and stopped by the launcher. */
import { MigrationRefused } from "../../db/errors.ts";
import { makeOwnerToken } from "../auth/owner-token.ts";
import { superviseFromLauncher } from "../launcher/child.ts";
import { SettingsError } from "../settings/read.ts";
import { createApp, createInternalApp } from "./app.ts";
import { closeServer, createServerFor, listen } from "./listen.ts";
import { attachUpgrades } from "./live/index.ts";
import { wakeRestoredRooms } from "./live/new-generation.ts";
import { liveOf } from "./live/state.ts";
import { createLog } from "./log.ts";
import { openServices } from "./open-services.ts";
import { readSettings } from "./settings.ts";

/** ms between two removals of expired sessions */
const SWEEP_EVERY_MS = 3_600_000;

/** Runs in the opposite order at the stop. */
const closers: (() => Promise<void> | void)[] = [];
const supervision = superviseFromLauncher({
  async onStop() {
    for (const close of closers.reverse()) await close();
  },
});

async function start(): Promise<void> {
  const { settings, secrets } = readSettings(process.env);
  const log = createLog(settings.logLevel);
  const { services, migration, close } = await openServices({ settings, secrets, log });
  closers.push(close);
  if (migration.applied.length > 0) log.info(migration, "the database was brought up to date");

  const internalApp = createInternalApp(services);
  const internal = createServerFor(internalApp);
  const open = createServerFor(createApp(services, internalApp));
  const upgrades = attachUpgrades({ public: open, internal }, services);
  liveOf(services).closePublic = () => void closeServer(open);
  const { hostname, port } = new URL(settings.internalUrl);
  await listen(internal, hostname, Number(port));
  closers.push(() => closeServer(internal));

  const token = await makeOwnerToken(services.read, services.write);
  await listen(open, settings.host, settings.port);
  closers.push(() => closeServer(open));
  // First at the stop: a server waits for the sockets that were upgraded on it.
  closers.push(() => upgrades.close());
  services.rooms.kickOutbox();
  void wakeRestoredRooms(services).catch((error: unknown) => log.error({ err: error }, "restored rooms could not be woken"));
  services.mail.kick();

  const sweeper = setInterval(() => {
    services.sessions.sweep().catch((error: unknown) => log.warn({ err: error }, "expired sessions could not be removed"));
  }, SWEEP_EVERY_MS);
  sweeper.unref();

  if (token !== undefined) tellOwnerLink(`${settings.address}/join?invite=${token}`);
  log.info({ host: settings.host, port: settings.port, version: settings.version }, "the api serves");
  supervision.ready();
}

/** Under the launcher it prints the link where people look; alone this process does. It never goes into the log. */
function tellOwnerLink(url: string): void {
  if (process.send) supervision.ownerLink(url);
  else process.stderr.write(`Nobody owns this instance yet. Become its owner: ${url}\n`);
}

start().catch((error: unknown) => {
  // A restart helps against neither; everything else is left to the launcher's patience.
  if (error instanceof MigrationRefused || error instanceof SettingsError) {
    supervision.fatal(error.message);
    if (!process.send) process.stderr.write(`${error.message}\n`);
  } else {
    console.error(error);
  }
  process.exitCode = 1;
  setImmediate(() => process.exit());
});
