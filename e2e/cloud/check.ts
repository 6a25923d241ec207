/**
 * `npm run check:cloud`: proves what can be proved without an account. `wrangler deploy --dry-run` accepts the rooms'
 * bundle and finds every class in it; `partykit dev` starts the classes of `partykit.json` and each of them answers.
 * Wrangler is fetched for this check alone: it is no part of an installation. Nothing is deployed.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { partySegment } from "../../party/protocol/tickets.ts";
import { LOOPBACK, pickPort } from "../../server/launcher/ports.ts";
import { readRooms } from "../../server/rooms/host/classes.ts";
import { ROOM_BINDINGS } from "../../server/rooms/host/config.ts";
import { until } from "../harness/until.ts";
import { wranglerConfig } from "./wrangler.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** the version this was tried with */
const WRANGLER = "wrangler@4.164.0";
const DRY_RUN_MS = 180_000;
const START_MS = 30_000;

function fail(what: string, output: string): never {
  throw new Error(`${what}\n${output}`);
}

function dryRun(): void {
  const rooms = readRooms(ROOT);
  const folder = mkdtempSync(join(tmpdir(), "atrium-cloud-"));
  try {
    const config = join(folder, "wrangler.json");
    writeFileSync(config, JSON.stringify(wranglerConfig(rooms, join(ROOT, "dist/rooms/worker.js"))));
    const deploy = ["wrangler", "deploy", "--dry-run", "--outdir", join(folder, "out"), "--config", config];
    const { status, stdout, stderr } = spawnSync("npm", ["exec", "--yes", `--package=${WRANGLER}`, "--", ...deploy], {
      cwd: folder,
      encoding: "utf8",
      timeout: DRY_RUN_MS,
      env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
    });
    if (status !== 0) fail("wrangler did not accept the rooms.", `${stdout}${stderr}`);
    for (const { binding, className } of rooms.classes) {
      if (!stdout.includes(`env.${binding} (${className})`)) fail(`wrangler did not find ${className}.`, stdout);
    }
    console.log(/^Total Upload:.*$/m.exec(stdout)?.[0] ?? "wrangler accepted the rooms");
    console.log(`wrangler deploy --dry-run: ${rooms.classes.map(({ className }) => className).join(", ")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** PartyKit's developer server listens on every interface; it runs for the seconds this takes, with made-up secrets. */
async function startClasses(): Promise<void> {
  const port = await pickPort(LOOPBACK);
  const vars = Object.keys(ROOM_BINDINGS).flatMap((name) => ["--var", `${name}=${name === "GENERATION" ? "1" : "x".repeat(43)}`]);
  const args = ["dev", "--port", String(port), "--no-hotkeys", "--disable-request-cf-fetch", ...vars];
  const server = spawn(join(ROOT, "node_modules/.bin/partykit"), args, {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CI: "1", NO_UPDATE_NOTIFIER: "1" },
  });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  try {
    for (const party of ["company", "agent", "session"] as const) {
      const url = `http://${LOOPBACK}:${port}/parties/${partySegment(party)}/check`;
      // 401 is the room's own answer to a stranger: its class was made, started and asked.
      await until(`the ${party} room answers under partykit dev`, async () => (await fetch(url)).status === 401, START_MS);
    }
    console.log("partykit dev: company, agent and session rooms answer");
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), output);
  } finally {
    const ended = once(server, "exit");
    if (server.pid !== undefined && server.exitCode === null) {
      process.kill(-server.pid, "SIGTERM");
      await ended;
    }
  }
}

try {
  spawnSync(process.execPath, ["server/build.ts", "rooms"], { cwd: ROOT, stdio: "inherit" });
  dryRun();
  await startClasses();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
