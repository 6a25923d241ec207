import { expect, test } from "vitest";
import { titleFrom } from "./titles.ts";

test.each([
  ["the first line of words", "\n  Water   the ferns \nthen rest", "Water the ferns"],
  ["words behind a mention belong to it", "@Quill Write the announcement", "@Quill Write the announcement"],
  ["what a script says", "@slow 4 10\n@say It is done", "It is done"],
  ["no name of a directive", '@tool shell {"command":"ls"}\n@then\n@say', ""],
])("a title is %s", (_what, text, title) => {
  expect(titleFrom(text, 100)).toBe(title);
});

test("a title is cut, and says so", () => {
  expect(titleFrom("one two three", 8)).toBe("one two…");
});
