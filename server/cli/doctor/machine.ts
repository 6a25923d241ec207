/** What the machine brings. */
import { spawnSync } from "node:child_process";
import { workerdBinary } from "../../rooms/host/workerd.ts";
import { detectSandbox } from "../../tools/sandbox.ts";
import { type Check, type Finding, fine, problem, warning } from "./check.ts";

/** ms a program may take to tell its version */
const VERSION_MS = 5_000;
/** Descriptors: three per room in use and two per viewer, with room for an ordinary team. */
const FEW_FILES = 4_096;
/** When this was written: a clock before it is wrong. */
const EARLIEST = Date.UTC(2026, 10, 1);

export const MACHINE: Check[] = [
  { name: "node", look: () => fine(`Node ${process.versions.node}`) },
  { name: "rooms", look: lookAtWorkerd },
  { name: "sandbox", look: lookAtSandbox },
  { name: "open files", look: lookAtFiles },
  { name: "clock", look: () => lookAtClock(Date.now()) },
];

function lookAtWorkerd(): Finding {
  let binary: string;
  try {
    binary = workerdBinary();
  } catch (error) {
    return problem("The program that serves rooms is missing.", error instanceof Error ? error.message : String(error));
  }
  const { status, stdout, stderr, error } = spawnSync(binary, ["--version"], { encoding: "utf8", timeout: VERSION_MS });
  if (status === 0) return fine(stdout.trim());
  const why = error?.message ?? stderr.trim().split("\n").at(-1) ?? `exit code ${status}`;
  return problem(`The program that serves rooms does not start (${why}).`, "Run `npm ci` again; it needs glibc 2.35 or newer.");
}

async function lookAtSandbox(): Promise<Finding> {
  const sandbox = await detectSandbox();
  if (sandbox.kind !== "none") return fine("Commands of agents run confined.");
  return warning(
    `Commands of agents run without a sandbox (${sandbox.reason}), so each of them asks first.`,
    "apt-get install bubblewrap; `bwrap --unshare-all --ro-bind / / true` says why when it still fails.",
  );
}

function lookAtFiles(): Finding {
  const { stdout } = spawnSync("sh", ["-c", "ulimit -H -n"], { encoding: "utf8", timeout: VERSION_MS });
  const limit = stdout.trim() === "unlimited" ? Number.POSITIVE_INFINITY : Number(stdout);
  if (limit >= FEW_FILES) return fine(`up to ${limit} at a time`);
  return warning(
    `A process may have ${limit} files open: enough for about ${Math.floor(limit / 5)} rooms in use.`,
    "Raise it: LimitNOFILE= of the service, or `ulimit -n`.",
  );
}

/** @param now ms since the epoch */
export function lookAtClock(now: number): Finding {
  const time = new Date(now).toISOString();
  return now > EARLIEST
    ? fine(time)
    : problem(`The clock says ${time}.`, "Set it, best by a time server: sign-ins and expiry depend on it.");
}
