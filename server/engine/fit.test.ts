import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitText, jsonBytes, oneLine } from "./fit.ts";

const text = fc
  .array(fc.constantFrom("a", "ü", "😀", "\u0001", '"', "\n"), { maxLength: 400 })
  .map((letters) => letters.join(""));

describe("fitText", () => {
  it("never takes more bytes on the wire than it may, and leaves alone what fits", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 100, max: 1_500 }), (whole, most) => {
        const fitted = fitText(whole, most);
        expect(jsonBytes(fitted)).toBeLessThanOrEqual(most);
        if (jsonBytes(whole) <= most) expect(fitted).toBe(whole);
        else expect(fitted).toMatch(/The rest is not shown\.\]$/);
      }),
    );
  });
});

describe("oneLine", () => {
  it("is one line of at most that many characters, and no half of one", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 100 }), (whole, most) => {
        const line = oneLine(whole, most);
        expect(line.length).toBeLessThanOrEqual(most);
        expect(line).not.toMatch(/[\n\r]/);
        expect(Buffer.from(line).toString()).toBe(line);
      }),
    );
  });
});
