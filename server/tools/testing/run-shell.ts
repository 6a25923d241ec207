/** A runner in small, for tests that need one as a process: `node run-shell.ts <workspace> <command> [bare]`. */
import { nativeTools } from "../native.ts";
import { detectSandbox } from "../sandbox.ts";

const [workspace = "", command = "", bare] = process.argv.slice(2);
const detected = await detectSandbox();
const sandbox = bare === "bare" ? ({ kind: "none", reason: "asked for by a test", users: detected.users } as const) : detected;
const call = nativeTools(sandbox)
  .find((tool) => tool.name === "shell")
  ?.parse({ command });
if (call?.ok !== true) throw new Error("no shell");
const context = { workspace, signal: new AbortController().signal, env: {}, progress: () => {} };
const outcome = await call.run(context);
process.stdout.write(JSON.stringify({ kind: sandbox.kind, reason: sandbox.kind === "none" ? sandbox.reason : "", ...outcome }));
