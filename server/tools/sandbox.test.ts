/** What a command can reach. Runs in the real sandbox of this machine. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "./sandbox.ts";
import { sandboxNotice } from "./sandbox.ts";
import { callTool, requireSandbox, temporaryFolder, withoutSandbox } from "./testing/workbench.ts";

let sandbox: Sandbox & { kind: "bubblewrap" };
beforeAll(async () => {
  sandbox = await requireSandbox();
});

const run = (workspace: string, command: string, env: Record<string, string> = {}) =>
  callTool(sandbox, workspace, "shell", { command }, { env });

test("a command works in the workspace and keeps what it writes there", async () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, "in.txt"), "in\n");
  const outcome = await run(workspace, 'pwd; cat in.txt; tr a-z A-Z < in.txt > out.txt; echo "$GREETING"', {
    GREETING: "it's me",
  });
  expect(outcome).toMatchObject({ ok: true, exitCode: 0, output: "/workspace\nin\nit's me\n" });
  expect(readFileSync(join(workspace, "out.txt"), "utf8")).toBe("IN\n");
  expect(await callTool(sandbox, workspace, "read_file", { path: "/workspace/out.txt" })).toMatchObject({
    ok: true,
    output: "IN\n",
  });
});

test("programs of every day work: git, certificates, temporary files, output by name, the user's name, Node", async () => {
  const checks = [
    "git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && git log --oneline | wc -l",
    "test -r /etc/ssl/certs/ca-certificates.crt || test ! -e /etc/ssl/certs && echo certificates",
    "mktemp > /dev/null && touch ~/x && echo temporary",
    "echo error > /dev/stderr && echo more | tee /dev/stderr",
    "whoami",
    'node -e "console.log(process.version)"',
  ];
  const outcome = await run(temporaryFolder(), checks.join("; "));
  expect(outcome.output.split("\n")).toEqual([
    "1",
    "certificates",
    "temporary",
    "error",
    "more",
    "more",
    "agent",
    process.version,
    "",
  ]);
});

describe("files", () => {
  test("nothing of the machine outside programs and the workspace is there", async () => {
    const data = temporaryFolder();
    const workspace = join(data, "workspaces/one");
    const other = join(data, "workspaces/two");
    mkdirSync(workspace, { recursive: true });
    mkdirSync(other);
    for (const path of [join(data, "atrium.db"), join(other, "secret.txt")]) {
      writeFileSync(path, "canary-of-the-machine");
      chmodSync(path, 0o666); // it is not the mode that protects it
    }
    const paths = [
      join(data, "atrium.db"),
      join(other, "secret.txt"),
      process.cwd(),
      "/root",
      "/etc/shadow",
      "/etc/hostname",
      "/var",
      "/run",
      "/sys",
      "/boot",
    ];
    const outcome = await run(
      workspace,
      `for path in ${paths.join(" ")}; do test -e "$path" && echo "$path"; done; grep -rs canary-of-the-machine / --include=*.db --include=*.txt; ls /`,
    );
    expect(
      outcome.output
        .trim()
        .split(/\s+/)
        .filter((name) => !/^lib/.test(name)),
    ).toEqual(["bin", "dev", "etc", "home", "opt", "proc", "sbin", "tmp", "usr", "workspace"]);
  });

  test("a link out of the workspace leads nowhere", async () => {
    const folder = temporaryFolder();
    const workspace = join(folder, "workspace");
    mkdirSync(workspace);
    writeFileSync(join(folder, "secret.txt"), "secret");
    const outcome = await run(
      workspace,
      "ln -s ../secret.txt up; cat up; ln -s /proc/1/root/etc/shadow magic; cat magic; cat ../secret.txt",
    );
    expect(outcome.output).not.toContain("secret\n");
    expect(outcome.ok).toBe(false);
  });

  test("programs, /etc, /dev and / cannot be written", async () => {
    const outcome = await run(
      temporaryFolder(),
      "for path in /usr/x /etc/x /dev/x /x /opt/x /usr/bin/ls; do (echo > $path) 2>/dev/null && echo $path; done",
    );
    expect(outcome.output.trim()).toBe("[The command ended with exit code 1.]");
  });

  test("private memory is limited", async () => {
    const outcome = await run(
      temporaryFolder(),
      "head -c 300M /dev/zero > /tmp/big; head -c 80M /dev/zero > /dev/shm/big; du -m /tmp/big /dev/shm/big",
    );
    expect(outcome.output).toMatch(/No space left.*No space left/s);
  });
});

describe("network", () => {
  test("no address can be reached, not even a service of this machine", async () => {
    const reached: string[] = [];
    const server = createServer((socket) => {
      reached.push("reached");
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const outcome = await run(
      temporaryFolder(),
      `for host in 127.0.0.1 ::1 169.254.169.254 1.1.1.1; do timeout 3 bash -c "exec 3<>/dev/tcp/$host/${address.port}" && echo "reached $host"; done; ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3`,
    );
    server.close();
    expect(outcome.output).not.toContain("reached ");
    expect(
      outcome.output
        .trim()
        .split("\n")
        .filter((line) => /^\s*\w+:/.test(line) && !line.includes("bash:")),
    ).toHaveLength(1); // only its own loopback
    expect(reached).toEqual([]);
  });
});

describe("rights", () => {
  test("no capability, no way to a new namespace, no kernel key ring", async () => {
    const outcome = await run(
      temporaryFolder(),
      "grep -E '^(CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status; unshare -Ur true; unshare -n true; id -u",
    );
    const status = Object.fromEntries([...outcome.output.matchAll(/^(\w+):\t(\w+)$/gm)].map(([, name, value]) => [name, value]));
    expect(status).toMatchObject({
      CapPrm: "0".repeat(16),
      CapEff: "0".repeat(16),
      CapAmb: "0".repeat(16),
      NoNewPrivs: "1",
      Seccomp: "2",
    });
    expect(outcome.output.match(/unshare failed: Operation not permitted/g)).toHaveLength(2);
    expect(Number(outcome.output.trim().split("\n").at(-1))).toBeGreaterThan(0);
  });

  test("the runner's processes are neither visible nor reachable", async () => {
    const outcome = await run(
      temporaryFolder(),
      `kill -0 ${process.pid} 2>&1; test -e /proc/${process.pid}/environ || echo hidden; ls -d /proc/[0-9]* | wc -l`,
    );
    expect(outcome.output).toContain("hidden");
    expect(Number(outcome.output.trim().split("\n").at(-1))).toBeLessThan(10);
  });

  test.runIf(process.geteuid?.() === 0)("each workspace has a user of its own, which stays", async () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()];
    const first = await run(one, "id -u");
    expect(await run(one, "id -u")).toEqual(first);
    expect((await run(two, "id -u")).output).not.toBe(first.output);
    expect(String(statSync(one).uid)).toBe(first.output.trim());
    expect(statSync(one).mode & 0o077).toBe(0);
  });
});

describe("environment", () => {
  test("no variable and no open descriptor of the runner reaches a command", async () => {
    process.env.ATRIUM_TEST_CANARY = "canary-in-the-environment";
    try {
      const outcome = await run(
        temporaryFolder(),
        "env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; ls /proc/self/fd",
      );
      expect(outcome.output).not.toContain("canary-in-the-environment");
      // 0, 1, 2 and the one ls opens itself
      expect(outcome.output.trim().split("\n").slice(-4)).toEqual(["0", "1", "2", "3"]);
    } finally {
      delete process.env.ATRIUM_TEST_CANARY;
    }
  });

  test("variables of the run are not on any command line of this machine", async () => {
    const workspace = temporaryFolder();
    const lines: string[] = [];
    const progress = () => lines.push(execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" }));
    await callTool(
      sandbox,
      workspace,
      "shell",
      { command: "echo up; read -t 0.3 < /dev/zero; echo end" },
      { env: { TOKEN: "canary-of-the-run" }, progress },
    );
    expect(lines.join()).toContain("bwrap");
    expect(lines.join()).not.toContain("canary-of-the-run");
  });

  test("a library named by the run is loaded by no program that has rights", async () => {
    const workspace = temporaryFolder();
    const source =
      '#include <stdlib.h>\n#include <unistd.h>\n__attribute__((constructor)) void f(void) { write(2, getuid() == 0 ? "ROOT" : "user", 4); }\n';
    writeFileSync(join(workspace, "evil.c"), source);
    execFileSync("cc", ["-shared", "-fPIC", "-o", join(workspace, "evil.so"), join(workspace, "evil.c")]);
    const outcome = await run(workspace, "/bin/true", { LD_PRELOAD: "/workspace/evil.so" });
    expect(outcome.output).toContain("user");
    expect(outcome.output).not.toContain("ROOT");
  });

  test("files that other programs would obey are inert: .env, shell start-up files, git hooks and watchers", async () => {
    const workspace = temporaryFolder();
    execFileSync("git", ["init", "-q", workspace]);
    writeFileSync(join(workspace, ".env"), "SECRET_FROM_ENV_FILE=1\n");
    for (const file of [".bashrc", ".bash_profile", ".profile", "BASH_ENV"])
      writeFileSync(join(workspace, file), "echo obeyed\n");
    for (const hook of ["pre-commit", "post-checkout", "post-index-change"]) {
      writeFileSync(join(workspace, ".git/hooks", hook), "#!/bin/sh\ntouch /workspace/obeyed\n", { mode: 0o755 });
    }
    writeFileSync(join(workspace, "watcher"), "#!/bin/sh\ntouch /workspace/obeyed\n", { mode: 0o755 });
    execFileSync("git", ["-C", workspace, "config", "core.fsmonitor", "/workspace/watcher"]);
    const commands = [
      "env",
      "git add .env",
      "git status",
      "git -c user.name=a -c user.email=a@b commit -qm x",
      "git checkout -q -b y",
      "ls",
    ];
    const outcome = await run(workspace, commands.join(" && "), { BASH_ENV: "/workspace/BASH_ENV" });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.output).not.toContain("SECRET_FROM_ENV_FILE");
    expect(outcome.output).not.toContain("obeyed");
  });
});

test("without a sandbox the risk and the card say so", () => {
  const bare = withoutSandbox(sandbox);
  expect(sandboxNotice(sandbox)).toBeUndefined();
  expect(sandboxNotice(bare)).toMatch(
    /^No sandbox on this machine \(bubblewrap is not installed\)\. The command reaches the network/,
  );
});
