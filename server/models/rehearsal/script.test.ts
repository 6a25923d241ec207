import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutInto, hasDirectives, MAX_CHUNKS, MAX_PAUSE_MS, parseScript } from "./script.ts";

const turnsOf = (...lines: string[]) => parseScript(lines.join("\n")).map((turn) => turn.plays);

describe("parseScript", () => {
  it("plays one directive a line and leaves plain words alone", () => {
    expect(turnsOf("Please tidy up.", "@say Hello", "and be quick", "@think about it")).toEqual([
      [
        { kind: "say", text: "Hello" },
        { kind: "think", text: "about it" },
      ],
    ]);
  });

  it("takes a line as a directive only when its whole first word is one", () => {
    expect(hasDirectives("@sayhello\n@everyone look\nmail ana@say.example")).toBe(false);
    expect(hasDirectives("words\n  @say indented")).toBe(true);
  });

  it("makes adjacent tools one parallel group that ends its turn", () => {
    expect(turnsOf("@say go", '@tool a {"x": 1}', "@tool b", "@say done")).toEqual([
      [
        { kind: "say", text: "go" },
        { kind: "tool", name: "a", input: '{"x": 1}' },
        { kind: "tool", name: "b", input: "{}" },
      ],
      [{ kind: "say", text: "done" }],
    ]);
  });

  it("ends a group of tools at any other line", () => {
    expect(turnsOf("@tool a", "", "@tool b")).toHaveLength(2);
    expect(turnsOf("@tool a", "some words", "@tool b")).toHaveLength(2);
  });

  it("makes no empty turn of a @then behind a group of tools", () => {
    expect(turnsOf("@tool a", "@then", "@say done")).toHaveLength(2);
    expect(turnsOf("@then", "@say one", "@then", "@then", "@say two", "@then")).toHaveLength(2);
  });

  it("ends the turn with a question or a failure", () => {
    expect(turnsOf("@ask Which one?", "@say thanks", "@fail overloaded")).toEqual([
      [{ kind: "ask", question: "Which one?" }],
      [
        { kind: "say", text: "thanks" },
        { kind: "fail", code: "overloaded" },
      ],
    ]);
  });

  it("paces the next text and only that", () => {
    expect(turnsOf("@slow 3 20", "@say slow", "@say quick")).toEqual([
      [
        { kind: "say", text: "slow", pace: { chunks: 3, ms: 20 } },
        { kind: "say", text: "quick" },
      ],
    ]);
  });

  it("keeps the usage with the turn it stands in", () => {
    expect(parseScript("@usage 10 5\n@say one\n@then\n@say two").map((turn) => turn.usage)).toEqual([
      { input: 10, output: 5 },
      undefined,
    ]);
  });

  it("says which line cannot be played instead of guessing", () => {
    const unreadable = ["@slow fast", `@slow ${MAX_CHUNKS + 1} 1`, `@slow 2 ${MAX_PAUSE_MS + 1}`, "@usage many", "@tool"];
    for (const line of unreadable) {
      const [plays] = turnsOf("@say first", line);
      expect(plays?.[1]).toMatchObject({ kind: "say", text: expect.stringContaining("Line 2 ") });
    }
  });

  it("finds exactly the texts that were written, in any script", () => {
    const text = fc.stringMatching(/^[a-z][a-z ]{0,20}[a-z]$/);
    const line = fc.oneof(
      text.map((said) => ({ line: `@say ${said}`, say: said })),
      text.map((thought) => ({ line: `@think ${thought}`, say: undefined })),
      fc.constantFrom("@then", "@tool x {}", "plain words", "").map((other) => ({ line: other, say: undefined })),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const turns = parseScript(lines.map((one) => one.line).join("\n"));
        const said = turns.flatMap(({ plays }) => plays.flatMap((play) => (play.kind === "say" ? [play.text] : [])));
        expect(said).toEqual(lines.flatMap((one) => (one.say === undefined ? [] : [one.say])));
        for (const { plays } of turns) expect(plays.length).toBeGreaterThan(0);
      }),
    );
  });

  it("never throws, whatever is written", () => {
    const word = fc.constantFrom("@say", "@think", "@tool", "@then", "@slow", "@ask", "@fail", "@usage");
    const line = fc.oneof(
      fc.string(),
      fc.tuple(word, fc.string()).map((parts) => parts.join(" ")),
    );
    fc.assert(fc.property(fc.array(line), (lines) => Array.isArray(parseScript(lines.join("\n")))));
  });
});

describe("cutInto", () => {
  it("gives exactly that many pieces, which join to the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 200 }), (text, chunks) => {
        const pieces = cutInto(text, chunks);
        expect(pieces).toHaveLength(chunks);
        expect(pieces.join("")).toBe(text);
      }),
    );
  });

  it("does not cut a character in two", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("😀", "a", "𝄞")), fc.integer({ min: 1, max: 9 }), (letters, chunks) => {
        for (const piece of cutInto(letters.join(""), chunks)) expect(Buffer.from(piece).toString()).toBe(piece);
      }),
    );
  });
});
