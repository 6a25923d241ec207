/** What the tests of the tools share: real workspaces, real sandboxes, real processes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { nativeTools } from "../native.ts";
import { detectSandbox, type Sandbox } from "../sandbox.ts";
import type { ToolContext, ToolOutcome } from "../tool.ts";

/** A folder that is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "atrium-tools-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The sandbox of this machine. Tests that promise isolation fail without one: a skipped promise is a broken one. */
export async function requireSandbox(): Promise<Sandbox & { kind: "bubblewrap" }> {
  const sandbox = await detectSandbox();
  if (sandbox.kind === "none") {
    throw new Error(
      `These tests need bubblewrap, which does not work here: ${sandbox.reason}. Install it: apt-get install bubblewrap`,
    );
  }
  return sandbox;
}

/** The same machine as if bubblewrap were missing. */
export function withoutSandbox(sandbox: Sandbox): Sandbox {
  return { kind: "none", reason: "bubblewrap is not installed", users: sandbox.users };
}

/** Calls a tool by name in a workspace, as the engine does. */
export async function callTool(
  sandbox: Sandbox,
  workspace: string,
  name: string,
  input: unknown,
  context: Partial<Omit<ToolContext, "workspace">> = {},
): Promise<ToolOutcome> {
  const call = nativeTools(sandbox)
    .find((tool) => tool.name === name)
    ?.parse(input);
  if (call === undefined) throw new Error(`there is no tool ${name}`);
  if (!call.ok) throw new Error(call.message);
  return await call.run({ workspace, signal: new AbortController().signal, env: {}, progress: () => {}, ...context });
}

/** Command lines of all processes of this machine, also of those inside sandboxes. */
export function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return ""; // ended meanwhile
      }
    });
}

/** Whether a `sleep` of exactly that length runs anywhere on this machine. */
export function sleeping(seconds: string): boolean {
  return commandLines().some((line) => line.trim() === `sleep ${seconds}`);
}

/** A length of sleep nobody else uses, to recognise a process by. */
export function uniqueSleep(): string {
  return `${3_000 + Math.floor(Math.random() * 1_000_000)}.${process.pid}`;
}
