/** Tools as part of a whole process: one that is killed, and one that was not started by root. */
import { execFile, spawn } from "node:child_process";
import { chmodSync, chownSync, constants, copyFileSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, test, vi } from "vitest";
import { sleeping, temporaryFolder, uniqueSleep } from "./testing/workbench.ts";

const SCRIPT = join(import.meta.dirname, "testing/run-shell.ts");
const GONE = { timeout: 5_000, interval: 20 };
const run = promisify(execFile);

/** A runner that is killed cannot remove its temporary folders; here they go with the test's. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: temporaryFolder() };
}

describe.each(["sandboxed", "bare"])("%s", (kind) => {
  test("when the runner is killed, its commands are gone within seconds", async () => {
    const seconds = uniqueSleep();
    const runner = spawn(process.execPath, [SCRIPT, temporaryFolder(), `sleep ${seconds} & sleep ${seconds}`, kind], {
      stdio: "inherit",
      env: environment(),
    });
    await vi.waitFor(() => expect(sleeping(seconds)).toBe(true), GONE);
    runner.kill("SIGKILL");
    await vi.waitFor(() => expect(sleeping(seconds)).toBe(false), GONE);
  });

  test("also when it is killed while a command is being started", async () => {
    const seconds = uniqueSleep();
    const workspace = temporaryFolder();
    for (let round = 0; round < 8; round++) {
      // The command tells that it is alive at once; the runner dies at growing distance from its own start.
      const runner = spawn(process.execPath, [SCRIPT, workspace, `sleep ${seconds}`, kind], {
        stdio: "ignore",
        env: environment(),
      });
      const started = performance.now();
      await vi.waitFor(() => expect(performance.now() - started > 120 + round * 25 || sleeping(seconds)).toBe(true), {
        timeout: 5_000,
        interval: 2,
      });
      runner.kill("SIGKILL");
    }
    await vi.waitFor(() => expect(sleeping(seconds)).toBe(false), GONE);
  });
});

/** Any user that owns nothing here. */
const STRANGER = 65_533;

describe.runIf(process.geteuid?.() === 0)("started without root", () => {
  /** A runner in a folder of its own, as a user of its own; everything it needs lies where that user can read it. */
  async function runAsStranger(
    command: string,
    kind: "sandboxed" | "bare",
  ): Promise<{ outcome: Record<string, unknown>; workspace: string }> {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const script = join(folder, "runner.mjs");
    await build({
      entryPoints: [SCRIPT],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "bundle",
      logLevel: "error",
    });
    const node = join(folder, "node");
    copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);
    const workspace = join(folder, "workspace");
    mkdirSync(workspace);
    chownSync(workspace, STRANGER, STRANGER);
    const become = ["--reuid", String(STRANGER), "--regid", String(STRANGER), "--clear-groups", "--inh-caps=-all"];
    const { stdout } = await run("setpriv", [...become, node, script, workspace, command, kind], {
      env: { PATH: "/usr/bin:/bin", CANARY: "canary-of-the-runner" },
    });
    return { outcome: JSON.parse(stdout), workspace };
  }

  test("the sandbox works through a user namespace, with the same walls", async () => {
    const command = [
      "id -u; touch written",
      "grep -E '^(CapEff|Seccomp):' /proc/self/status; unshare -Ur true",
      "env | grep canary; test -e /proc/sys/kernel && ls /root /home /proc/[0-9]*/environ | head -20; cat /etc/shadow; ls /sys/class/net",
      "(echo > /usr/x) 2>/dev/null || (echo > /etc/x) 2>/dev/null || (echo > /dev/x) 2>/dev/null || echo closed",
    ].join("\n");
    const { outcome, workspace } = await runAsStranger(command, "sandboxed");
    expect(outcome).toMatchObject({ kind: "bubblewrap", reason: "" });
    expect(outcome.output).toContain("1000\n");
    expect(outcome.output).toContain("CapEff:\t0000000000000000\nSeccomp:\t2\nunshare: unshare failed");
    expect(outcome.output).toContain("closed");
    expect(outcome.output).not.toContain("canary-of-the-runner");
    expect(statSync(join(workspace, "written")).uid).toBe(STRANGER);
  });

  test("a fork bomb is contained", async () => {
    const { outcome } = await runAsStranger(
      "ulimit -u; for i in $(seq 300); do sleep 20 & done 2>&1 | head -1; echo usable",
      "sandboxed",
    );
    expect(outcome.output).toMatch(/^256\n.*Resource temporarily unavailable/s);
  });

  test("without a sandbox commands run as the runner's user, without a way to more rights", async () => {
    const { outcome } = await runAsStranger("id -u; grep NoNewPrivs /proc/self/status; env", "bare");
    expect(outcome).toMatchObject({ kind: "none", ok: true });
    expect(outcome.output).toMatch(new RegExp(`^${STRANGER}\nNoNewPrivs:\t1\n`));
    expect(outcome.output).not.toContain("canary-of-the-runner");
  });
});
