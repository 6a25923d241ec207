import { describe, expect, it } from "vitest";
import { matching, mentionAt, mentionsIn, withMention } from "./mentions.ts";

const GUIDE = { id: "ag_1", name: "Guide" };
const TWO = { id: "ag_2", name: "Guide Two" };
const DESK = { id: "ag_3", name: "Front desk" };
const ALL = [GUIDE, TWO, DESK];

describe("mentions in a text", () => {
  it("are names after an @, longest first, in any case, each once", () => {
    expect(mentionsIn("@guide and @Front Desk, please; @Guide!", ALL)).toEqual(["ag_1", "ag_3"]);
    expect(mentionsIn("ask @Guide Two (@guide)", ALL)).toEqual(["ag_2", "ag_1"]);
  });

  it("are not part of an address or of a longer word", () => {
    expect(mentionsIn("ana@guide.example and @Guideline, @ Guide", ALL)).toEqual([]);
  });
});

describe("the mention at the caret", () => {
  it("is what is typed after an @ that begins a word", () => {
    expect(mentionAt("hi @gu", 6)).toEqual({ from: 3, typed: "gu" });
    expect(mentionAt("hi @gu there", 6)).toEqual({ from: 3, typed: "gu" });
    expect(mentionAt("@", 1)).toEqual({ from: 0, typed: "" });
    for (const [text, caret] of [
      ["a@gu", 4],
      ["@ gu", 4],
      ["@gu\n", 4],
      ["none", 4],
    ] as const)
      expect(mentionAt(text, caret), text).toBeUndefined();
  });

  it("offers names that begin so, then those in which a word does", () => {
    expect(matching(ALL, "g").map(({ name }) => name)).toEqual(["Guide", "Guide Two"]);
    expect(matching(ALL, "de").map(({ name }) => name)).toEqual(["Front desk"]);
    expect(matching(ALL, "x")).toEqual([]);
  });

  it("is put in with one space behind it, and the caret after that", () => {
    const query = { from: 3, typed: "gu" };
    expect(withMention("hi @gu", query, 6, "Guide")).toEqual({ text: "hi @Guide ", caret: 10 });
    expect(withMention("hi @gu go", query, 6, "Guide")).toEqual({ text: "hi @Guide go", caret: 10 });
  });
});
