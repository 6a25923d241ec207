/** Runs before `npm test`: says in a second what the machine lacks, not after ten minutes of tests. */
import { spawnSync } from "node:child_process";
import { findChromium, findProgram, noChromium } from "./harness/programs.ts";

/** Beside the browser: what the tests start, and the Debian package that brings it. */
const PROGRAMS = [
  { name: "setpriv", package: "util-linux", why: "commands of agents run without rights" },
  { name: "ps", package: "procps", why: "tests look for processes that were left behind" },
  { name: "git", package: "git", why: "tests put hostile git hooks into a workspace" },
  { name: "cc", package: "gcc libc6-dev", why: "a test compiles a program that tries to leave the sandbox" },
] as const;

const lacks: string[] = [];
if (findChromium() === undefined) lacks.push(noChromium());
const sandbox = whyNoSandbox();
if (sandbox !== undefined) lacks.push(sandbox);
for (const program of PROGRAMS) {
  if (findProgram([program.name]) === undefined)
    lacks.push(`${program.name} is missing: ${program.why}. Install it (Debian: apt-get install ${program.package}).`);
}
if (lacks.length > 0) {
  process.stderr.write(`The tests cannot run on this machine yet. \`.ci/run\` installs all of it on Debian.\n`);
  for (const lack of lacks) process.stderr.write(`- ${lack}\n`);
  process.exitCode = 1;
}

function whyNoSandbox(): string | undefined {
  const bwrap = findProgram(["bwrap"]);
  if (bwrap === undefined)
    return "bubblewrap is missing: agents run their commands in it. Install it (Debian: apt-get install bubblewrap).";
  const { status, stderr, error } = spawnSync(bwrap, ["--unshare-all", "--ro-bind", "/", "/", "true"], { encoding: "utf8" });
  if (status === 0) return undefined;
  const said = stderr?.trim() || error?.message || `exit code ${status}`;
  return `bubblewrap may not make a sandbox here: ${said}. Allow unprivileged user namespaces, or run the tests as root.`;
}
