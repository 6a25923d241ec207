import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterQuiet, MAIL_AFTER_MS, PUSH_AFTER_MS, planOf, USUAL_RULES } from "./rules.ts";

const night = { from: "22:00", to: "07:00" };
const at = (text: string): number => Date.parse(text);

describe("quiet hours", () => {
  test("hold back until their end, in the person's own day", () => {
    // 23:40 in Berlin is 22:40 UTC in winter.
    expect(afterQuiet(night, "Europe/Berlin", at("2026-11-20T22:40:10.000Z"))).toBe(at("2026-11-21T06:00:00.000Z"));
    expect(afterQuiet(night, "America/New_York", at("2026-11-20T22:40:10.000Z"))).toBe(at("2026-11-20T22:40:10.000Z"));
    expect(afterQuiet(night, "Europe/Berlin", at("2026-11-21T03:00:00.000Z"))).toBe(at("2026-11-21T06:00:00.000Z"));
    expect(afterQuiet(night, "Europe/Berlin", at("2026-11-21T06:00:00.000Z"))).toBe(at("2026-11-21T06:00:00.000Z"));
  });

  test("end by the clock on the wall also in the night in which it is changed", () => {
    // On 29 March 2026 Berlin goes from 02:00 to 03:00, on 25 October from 03:00 back to 02:00.
    expect(afterQuiet(night, "Europe/Berlin", at("2026-03-28T22:30:00.000Z"))).toBe(at("2026-03-29T05:00:00.000Z"));
    expect(afterQuiet(night, "Europe/Berlin", at("2026-10-24T22:30:00.000Z"))).toBe(at("2026-10-25T06:00:00.000Z"));
  });

  test("never hold back for a day, and what comes out is not quiet", () => {
    const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const text = ([h, m]: [number, number]): string => `${String(h).padStart(2, "0")}:${String(m).padStart(2, "0")}`;
    fc.assert(
      fc.property(clock, clock, fc.integer({ min: at("2026-01-01"), max: at("2026-12-31") }), (from, to, now) => {
        const quiet = { from: text(from), to: text(to) };
        const then = afterQuiet(quiet, "Europe/Berlin", now);
        expect(then - now).toBeLessThan(25 * 3_600_000);
        expect(then).toBeGreaterThanOrEqual(now);
        expect(afterQuiet(quiet, "Europe/Berlin", then)).toBe(then);
      }),
      { numRuns: 300 },
    );
  });
});

test("an ask rings after a moment and is mailed when nobody has settled it", () => {
  const now = at("2026-11-20T10:00:00.000Z");
  expect(planOf(USUAL_RULES, "approval", "co_1", "UTC", now)).toEqual({
    pushAt: now + PUSH_AFTER_MS,
    mailAt: now + MAIL_AFTER_MS,
  });
  expect(planOf(USUAL_RULES, "failure", "co_1", "UTC", now)).toEqual({ pushAt: now + PUSH_AFTER_MS, mailAt: undefined });
  expect(planOf({ ...USUAL_RULES, muted: ["co_1"] }, "approval", "co_1", "UTC", now)).toEqual({
    pushAt: undefined,
    mailAt: undefined,
  });
});
