import { expect, test } from "vitest";
import { NOTIFICATION_MESSAGE, pathToOpen, readNote } from "./messages.ts";

const note = { title: "Guide asks", body: "Run npm test?", url: "/c/co_1/needs?card=ap_1", tag: "ap_1", action: "Open the card" };

test("a push is shown as it was sent", () => {
  expect(readNote(JSON.stringify(note))).toEqual(note);
});

test.each([undefined, "", "null", "[]", "{", "42"])("a push that says %j still shows something", (text) => {
  expect(readNote(text)).toMatchObject({ title: "Atrium", url: "/" });
});

test.each(["//evil.example", "https://evil.example", "javascript:alert(1)", "\\\\evil"])("a press never leads to %j", (url) => {
  expect(readNote(JSON.stringify({ ...note, url })).url).toBe("/");
});

test("a page opens what the worker asks for and nothing else", () => {
  expect(pathToOpen({ type: NOTIFICATION_MESSAGE, path: "/c/co_1" })).toBe("/c/co_1");
  for (const data of [null, "x", {}, { type: "other", path: "/x" }, { type: NOTIFICATION_MESSAGE }])
    expect(pathToOpen(data)).toBeUndefined();
});
