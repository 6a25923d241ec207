import { describe, expect, it } from "vitest";
import { argumentRows, hasHidden, showHidden } from "./visible-text.ts";

describe("a command shown to a person", () => {
  it.each([
    ["right-to-left override", "rm \u202ecod.txt", "rm \\u{202e}cod.txt"],
    ["zero-width space", "cat a\u200bb", "cat a\\u{200b}b"],
    ["bidi isolate", "\u2066x\u2069", "\\u{2066}x\\u{2069}"],
    ["byte order mark", "\ufeffls", "\\u{feff}ls"],
    ["tag character", "ls\u{e0041}", "ls\\u{e0041}"],
    ["no-break space", "rm\u00a0-rf", "rm\\u{a0}-rf"],
    ["escape", "\u001b[2K", "\\u{1b}[2K"],
    ["carriage return", "safe\revil", "safe\\u{d}evil"],
  ])("shows a %s as its code", (_name, text, shown) => {
    expect(showHidden(text)).toBe(shown);
    expect(hasHidden(text)).toBe(true);
  });

  it("leaves ordinary text of any language, tabs and lines as they are", () => {
    const text = "grep -r 'Straße' src/\n\techo \"日本語 مرحبا\" | wc -l";
    expect(showHidden(text)).toBe(text);
    expect(hasHidden(text)).toBe(false);
  });

  it("lists each argument in full", () => {
    const command = `echo ${"x".repeat(5_000)}`;
    expect(argumentRows(JSON.stringify({ command, timeoutMs: 1000 }))).toEqual([
      { name: "command", value: command },
      { name: "timeoutMs", value: "1000" },
    ]);
  });

  it("shows text that is not an object of arguments as it is", () => {
    expect(argumentRows("not json\u200b")).toEqual([{ name: "input", value: "not json\\u{200b}" }]);
    expect(argumentRows("[1]")).toEqual([{ name: "input", value: "[1]" }]);
  });
});
