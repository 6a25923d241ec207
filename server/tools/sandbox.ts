/** Which protection commands get on this machine. Found once at start, by trying it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertNever } from "../../party/protocol/assert.ts";
import { type SystemView, systemView } from "./bubblewrap.ts";
import { execute } from "./execute.ts";
import { SANDBOX_WORKSPACE } from "./paths.ts";
import { ToolRefusal } from "./refusal.ts";
import type { Risk } from "./tool.ts";
import { ownUserRange, type UserRange } from "./tool-user.ts";

/** `users` is there when started by root: every workspace then has a user of its own. */
export type Sandbox =
  | { kind: "bubblewrap"; view: SystemView; users: UserRange | undefined }
  | { kind: "none"; reason: string; users: UserRange | undefined };

/** ms; a probe takes about 20 */
const PROBE_MS = 10_000;

/** Tries the sandbox with a real command, in exactly the way commands will run. */
export async function detectSandbox(): Promise<Sandbox> {
  const users = await ownUserRange();
  const candidate: Sandbox = { kind: "bubblewrap", view: await systemView(), users };
  const failure = await probe(candidate);
  return failure === undefined ? candidate : { kind: "none", reason: failure, users };
}

/** Why the sandbox does not work here, undefined when it does. */
async function probe(sandbox: Sandbox): Promise<string | undefined> {
  const workspace = await mkdtemp(join(tmpdir(), "atrium-probe-"));
  try {
    const signal = AbortSignal.timeout(2 * PROBE_MS);
    const { ending, output } = await execute(sandbox, { argv: ["true"], workspace, env: {}, timeoutMs: PROBE_MS, signal });
    if (ending.kind === "exit" && ending.code === 0) return undefined;
    return output.text.trim().split("\n").at(-1) || `the probe ended with ${ending.kind}`;
  } catch (error) {
    if (error instanceof ToolRefusal) return error.message;
    throw error;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** The risk of a shell command: inside the sandbox it can change the workspace, without one it reaches out. */
export function commandRisk(sandbox: Sandbox): Risk {
  return sandbox.kind === "bubblewrap" ? "write" : "outward";
}

/** The folder that a command sees as its own. */
export function shownWorkspace(sandbox: Sandbox, workspace: string): string {
  return sandbox.kind === "bubblewrap" ? SANDBOX_WORKSPACE : workspace;
}

/** What an approval card says about protection; undefined when there is nothing to warn of. */
export function sandboxNotice(sandbox: Sandbox): string | undefined {
  switch (sandbox.kind) {
    case "bubblewrap":
      return undefined;
    case "none": {
      const files =
        sandbox.users === undefined ? "files that Atrium itself can read" : "files that any user of this machine can read";
      return `No sandbox on this machine (${sandbox.reason}). The command reaches the network and ${files}. Install bubblewrap to confine it.`;
    }
    default:
      return assertNever(sandbox);
  }
}
