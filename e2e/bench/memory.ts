/** What an idle instance occupies. */
import { setTimeout as pause } from "node:timers/promises";
import { foundCompany } from "../harness/company.ts";
import { type Instance, ROLES, startInstance } from "../harness/instance.ts";
import { footprintMib, pssMib } from "../harness/processes.ts";
import type { Benchmark } from "./figure.ts";
import { startFloor } from "./floor.ts";

const PROCESSES = ["launcher", ...ROLES] as const;
/** ms between two readings; a garbage collection of an idle process comes within a few seconds */
const READ_EVERY_MS = 3_000;
/** MiB two readings may differ when memory counts as settled */
const SETTLED_MIB = 1;
/** readings before memory counts as it is */
const MAX_READINGS = 15;

async function pids(instance: Instance): Promise<number[]> {
  return Promise.all(PROCESSES.map((role) => instance.pid(role)));
}

/** Waits until the footprint stands still. */
async function settle(instance: Instance): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (let i = 0; i < MAX_READINGS; i++) {
    const now = footprintMib(await pids(instance));
    if (Math.abs(now - before) < SETTLED_MIB) return;
    before = now;
    await pause(READ_EVERY_MS);
  }
}

export const memory: Benchmark = {
  name: "memory",
  about: "idle, with one company, nobody connected",
  async run(lab) {
    const alone: number[] = [];
    const pss: number[] = [];
    const each = new Map<string, number[]>(PROCESSES.map((role) => [role, []]));
    const floor: number[] = [];
    for (let i = 0; i < lab.repeat; i++) {
      const instance = await startInstance();
      const bare = await startFloor();
      try {
        await foundCompany(instance);
        await settle(instance);
        const running = await pids(instance);
        alone.push(footprintMib(running));
        pss.push(running.map(pssMib).reduce((sum, one) => sum + one, 0));
        for (const [index, role] of PROCESSES.entries()) each.get(role)?.push(pssMib(running[index] ?? 0));
        floor.push(footprintMib([bare.pid]));
      } finally {
        await instance.remove();
        await bare.stop();
      }
    }
    const below = { what: "one bare Node server with ws", samples: floor };
    return [
      { what: "all processes, shared pages once in full", unit: "MiB", samples: alone, goal: { most: 260 }, floor: below },
      { what: "all processes, PSS (shared with strangers)", unit: "MiB", samples: pss, goal: { most: 260 } },
      ...[...each].map(([role, samples]) => ({ what: `${role}, PSS`, unit: "MiB" as const, samples })),
    ];
  },
};
