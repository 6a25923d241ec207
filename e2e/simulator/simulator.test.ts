import { describe, expect, it } from "vitest";
import { simulate } from "./simulate.ts";

/** Runs of the simulator; `ATRIUM_SEEDS` asks for more, `ATRIUM_SEED` for exactly one. */
const SEEDS = Number(process.env.ATRIUM_SEEDS) || 200;
const ONE = Number(process.env.ATRIUM_SEED) || undefined;

describe("the rooms under faults of network, disk, clock and processes", () => {
  it(`keep every promise in ${ONE ? 1 : SEEDS} seeded lives`, { timeout: 600_000 }, async () => {
    const seeds = ONE ? [ONE] : Array.from({ length: SEEDS }, (_, i) => i + 1);
    let effects = 0;
    for (const seed of seeds) {
      const outcome = await simulate(seed);
      effects += outcome.effects;
      if (outcome.failures.length > 0) {
        const trace = ONE ? outcome.trace.join("\n") : outcome.trace.slice(-20).join("\n");
        expect.fail(`ATRIUM_SEED=${seed} brings this back:\n${outcome.failures.slice(0, 5).join("\n")}\n${trace}`);
      }
    }
    // A simulator in which nothing happens would keep every promise too.
    expect(effects).toBeGreaterThan(seeds.length);
  });
});
