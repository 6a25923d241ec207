/** From the command to "everything serves". */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StartOptions, startInstance } from "../harness/instance.ts";
import type { Benchmark, Figure, Lab } from "./figure.ts";

/** The least a Node server can take: one file, one port, one printed line. */
const BARE_SERVER = `require("node:http").createServer((_, r) => r.end()).listen(0, "127.0.0.1", () => console.log("up"))`;

async function bareStart(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ["-e", BARE_SERVER], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const took = performance.now() - started;
  child.kill("SIGKILL");
  return took;
}

/** ms from the command to the printed block, which the launcher prints once `/readyz` says yes. */
async function timeStart(options: StartOptions): Promise<number> {
  const started = performance.now();
  const instance = await startInstance(options);
  const took = performance.now() - started;
  const { code } = await instance.stop();
  if (code !== 0) throw new Error(`the instance ended with ${code}\n${instance.logs()}`);
  return took;
}

/** Runs something on a data folder that is gone afterwards. */
async function inFolder(work: (data: string) => Promise<unknown>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "atrium-bench-"));
  try {
    await work(data);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function measure(lab: Lab, by: "node" | "npm", floor: number[]): Promise<Figure[]> {
  const fresh: number[] = [];
  const again: number[] = [];
  for (let i = 0; i < lab.repeat; i++) {
    await inFolder(async (data) => {
      fresh.push(await timeStart({ data, by }));
      again.push(await timeStart({ data, by }));
    });
  }
  const command = by === "npm" ? "npm start" : "the launcher alone";
  const below = { what: "a bare Node server", samples: floor };
  return [
    {
      what: `${command}, fresh folder`,
      unit: "ms",
      samples: fresh,
      floor: below,
      ...(by === "npm" && { goal: { most: 5_000 } }),
    },
    { what: `${command}, again`, unit: "ms", samples: again, floor: below, ...(by === "npm" && { goal: { most: 1_000 } }) },
  ];
}

export const startup: Benchmark = {
  name: "startup",
  about: "from the command to every process serving, after the build",
  async run(lab) {
    lab.say("building, so that no start has to");
    await inFolder((data) => timeStart({ data }));
    const floor: number[] = [];
    for (let i = 0; i < lab.repeat; i++) floor.push(await bareStart());
    return [...(await measure(lab, "npm", floor)), ...(await measure(lab, "node", floor))];
  },
};
