/** The command line as an operator types it, in a process of its own. */
import { spawn } from "node:child_process";
import { cleanEnvironment, ROOT } from "./instance.ts";

export type CliAnswer = { code: number | null; out: string; err: string };

/** `npm run atrium -- …` without npm. @param data the instance's folder */
export function atrium(data: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliAnswer> {
  const line = ["--disable-warning=ExperimentalWarning", "server/cli.ts", ...args];
  const child = spawn(process.execPath, line, {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ATRIUM_DATA: data, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const answer: CliAnswer = { code: null, out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    answer.out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    answer.err += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ ...answer, code }));
  });
}
