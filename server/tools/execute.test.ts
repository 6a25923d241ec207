/** How commands end: by themselves, at a limit, or because somebody stops them. In the sandbox and without one. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { TOOL_LIMITS } from "./limits.ts";
import type { Sandbox } from "./sandbox.ts";
import { callTool, requireSandbox, sleeping, temporaryFolder, uniqueSleep, withoutSandbox } from "./testing/workbench.ts";
import type { ToolContext } from "./tool.ts";

/** ms in which processes that were killed must have gone */
const GONE_MS = 5_000;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await requireSandbox();
});

describe.each(["sandboxed", "bare"] as const)("%s", (kind) => {
  const run = (command: string, { timeoutMs, ...context }: { timeoutMs?: number } & Partial<ToolContext> = {}) => {
    const protection = kind === "bare" ? withoutSandbox(sandbox) : sandbox;
    return callTool(protection, context.workspace ?? temporaryFolder(), "shell", { command, timeoutMs }, context);
  };

  test("tells the exit code and keeps the order of output and errors", async () => {
    expect(await run("echo one; echo two >&2; echo three; exit 3")).toEqual({
      ok: false,
      exitCode: 3,
      output: "one\ntwo\nthree\n[The command ended with exit code 3.]",
      truncated: false,
    });
    expect(await run("kill -9 $$")).toMatchObject({ ok: false, output: expect.stringMatching(/killed|137/) });
    expect(await run("cat")).toMatchObject({ ok: true, output: "" }); // its input is empty
  });

  test("what cannot be started is an answer, not a crash", async () => {
    const nowhere = join(temporaryFolder(), "nowhere");
    expect(await run("true", { workspace: nowhere })).toMatchObject({ ok: false });
    expect(await run(`: ${"x".repeat(TOOL_LIMITS.commandBytes)}`)).toMatchObject({
      ok: false,
      output: expect.stringContaining("Write it to a file"),
    });
    expect((await run(`: ${"x".repeat(TOOL_LIMITS.commandBytes - 2)}`)).ok).toBe(true);
  });

  test("stops at its time and takes along what it started, also what left its session", async () => {
    const [child, escaped] = [uniqueSleep(), uniqueSleep()];
    const outcome = await run(`sleep ${child} & setsid sleep ${escaped} & echo started; wait`, { timeoutMs: 700 });
    expect(outcome).toMatchObject({
      ok: false,
      output: expect.stringContaining("started\n[The command was stopped after 0.7 s, its time limit."),
    });
    expect(sleeping(child) || sleeping(escaped)).toBe(false);
  });

  test("an end by itself takes along what was left in the background", async () => {
    const [child, escaped] = [uniqueSleep(), uniqueSleep()];
    const command = `sleep ${child} & (setsid sleep ${escaped} >/dev/null 2>&1 &) ; until pgrep -f 'sleep ${escaped}' >/dev/null; do :; done; echo done`;
    expect(await run(command)).toMatchObject({ ok: true, output: "done\n" });
    expect(sleeping(child) || sleeping(escaped)).toBe(false);
  });

  test("the run's token is shown to nobody: not in the end, not on the way, not where the output is cut", async () => {
    const token = `eyJydW4iOiJydW5fMSJ9.${"0123456789abcdef".repeat(8)}`;
    const env = { ATRIUM_RUN_TOKEN: token, LIFEOSAI_RUN_TOKEN: token };
    let seen = "";
    const progress = (text: string): void => {
      seen += text;
    };
    const printed = await run("env | grep RUN_TOKEN | sort", { env, progress });
    expect(printed.output).toBe("ATRIUM_RUN_TOKEN=[run token]\nLIFEOSAI_RUN_TOKEN=[run token]\n");
    const flooded = await run(`for i in {1..3000}; do printf '%s ' "$ATRIUM_RUN_TOKEN"; done`, { env, progress });
    for (const text of [seen, flooded.output]) {
      expect(text).toContain("[run token]");
      expect(text).not.toMatch(/eyJ|0123456789/);
    }
  });

  test("abort kills all of it at once", async () => {
    const seconds = uniqueSleep();
    const controller = new AbortController();
    const progress = () => controller.abort();
    const outcome = await run(`setsid sleep ${seconds} & echo up; sleep ${seconds}`, { signal: controller.signal, progress });
    expect(outcome).toMatchObject({ ok: false, output: "up\n[The command was stopped because the run was interrupted.]" });
    expect(sleeping(seconds)).toBe(false);
  });

  test("abort at any moment of the start leaves nothing behind", async () => {
    const seconds = uniqueSleep();
    const workspace = temporaryFolder();
    await run("true", { workspace });
    for (let delayMs = 0; delayMs <= 30; delayMs += 1) {
      const signal = AbortSignal.timeout(delayMs);
      expect((await run(`sleep ${seconds}`, { signal, workspace })).ok).toBe(false);
    }
    await vi.waitFor(() => expect(sleeping(seconds)).toBe(false), GONE_MS);
    expect((await run("touch ran", { signal: AbortSignal.abort(), workspace })).ok).toBe(false);
    expect(readdirSync(workspace)).toEqual([]);
  });

  test("1 GB of output is cut, the command stopped, and memory hardly grows", async () => {
    const before = process.memoryUsage().rss;
    const outcome = await run("yes | head -c 1G; echo never");
    expect(outcome).toMatchObject({ ok: false, truncated: true });
    expect(outcome.output).toContain("Output was cut: the command was stopped after it had written more than 16,777,216 bytes.");
    expect(outcome.output).not.toContain("never");
    expect(outcome.output.length).toBeLessThanOrEqual(TOOL_LIMITS.outputChars);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  test("live output comes while the command runs", async () => {
    const seen: string[] = [];
    const workspace = temporaryFolder();
    const progress = (text: string) => {
      seen.push(text);
      writeFileSync(join(workspace, "go"), "");
    };
    const outcome = await run("echo one; until test -e go; do sleep 0.01; done; echo two", { workspace, progress });
    expect(outcome.output).toBe("one\ntwo\n");
    expect(seen).toEqual(["one\n", "two\n"]);
  });

  test("home and temporary files are private and gone afterwards", async () => {
    const first = await run('mkdir -p ~/deep/er && touch ~/deep/er/file "$TMPDIR/x" && echo "$HOME"');
    expect(first).toMatchObject({ ok: true });
    const again = await run(`ls -A "$HOME" "$TMPDIR" | grep -v :; ls -d ${first.output.trim()}/deep`);
    expect(again.output).toContain("No such file or directory");
    expect(again.output).not.toMatch(/^x$/m);
    expect(existsSync(first.output.trim())).toBe(false);
  });

  test("files and memory are limited", async () => {
    expect((await run("truncate -s 2G big; ls -s big")).output).toContain("File size limit exceeded");
    expect(await run("node -e 'new ArrayBuffer(2 ** 30)'")).toMatchObject({ ok: true });
    expect((await run("node -e 'new ArrayBuffer(5 * 2 ** 30)'")).output).toContain("Array buffer allocation failed");
  });

  test("a fork bomb fills only its own small limit and is gone at its time", async () => {
    const bomb = run(":(){ : | : & }; while :; do :; done", { timeoutMs: 2_000 });
    const other = await Promise.all(Array.from({ length: 5 }, () => alive()));
    expect(other).toEqual(Array(5).fill("alive\n"));
    expect(await bomb).toMatchObject({
      ok: false,
      output: expect.stringContaining("fork: retry: Resource temporarily unavailable"),
    });
    expect((await run("echo usable")).output).toBe("usable\n");
  });
});

/** A process beside the sandbox: can the machine still make one? */
function alive(): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("echo", ["alive"], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}
