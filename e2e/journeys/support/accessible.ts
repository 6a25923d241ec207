/** Whether a screen keeps anybody out, as axe finds it. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Seat } from "./seat.ts";
import { expect } from "./test.ts";

/** What keeps somebody out; the milder findings of axe are advice. */
const KEEPS_OUT: readonly unknown[] = ["serious", "critical"];

/** Looks at a screen as it is now: everything in light, and in dark what a change of colours can break. */
export async function expectAccessible({ page }: Seat, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === "dark" ? axe.withRules("color-contrast") : axe).analyze();
    const found = violations.filter(({ impact }) => KEEPS_OUT.includes(impact));
    const words = found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
    expect(words, `${screen}, ${colorScheme}`).toEqual([]);
  }
}
