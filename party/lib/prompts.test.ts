import { describe, expect, it } from "vitest";
import type { Prompt } from "../protocol/internal.ts";
import { promptRows, readPrompts, WITHDRAWN } from "./prompts.ts";

const ben = { id: "u_ben", name: "Ben", kind: "person" } as const;
const plain: Prompt = { by: ben, text: "Hi", via: "prompt" };
const whole: Prompt = {
  ...plain,
  attachments: [{ file: "fi_1", name: "a.txt", mime: "text/plain", bytes: 1 }],
  history: [{ by: ben, text: "Before", at: "2026-01-01T00:00:00.000Z" }],
};
const own = { kind: "turn", data: 1 };

describe("prompts in a journal", () => {
  it("are read as they were written, apart from the runner's own entries", () => {
    expect(readPrompts([...promptRows(plain), ...promptRows(whole), own])).toEqual({ prompts: [plain, whole], entries: [own] });
  });

  it("can get another text, and keep what goes with it", () => {
    const rows = [...promptRows(whole), ...promptRows(plain)];
    rows.splice(0, 1, ...promptRows({ ...plain, text: "Hello" }));
    expect(readPrompts(rows).prompts).toEqual([{ ...whole, text: "Hello" }, plain]);
  });

  it("can be taken back with all that goes with them", () => {
    const rows = [...promptRows(plain), ...promptRows(whole)];
    rows.splice(1, 1, WITHDRAWN);
    expect(readPrompts(rows)).toEqual({ prompts: [plain], entries: [] });
  });
});
