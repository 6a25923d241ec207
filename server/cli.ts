/** `npm run atrium -- <command>`: upkeep from a terminal on the server. `--help` lists the commands. */
import { resolve } from "node:path";
import { runCli } from "./cli/run.ts";

const code = await runCli(process.argv.slice(2), {
  root: resolve(import.meta.dirname, ".."),
  env: process.env,
  say: (line) => process.stdout.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${line}\n`),
});
process.exitCode = code;
