import { describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import type { Message } from "../protocol/session.ts";
import { historyOf } from "./history.ts";

const by = { id: "u_ben", name: "Ben", kind: "person" } as const;
const said = (n: number, text: Message["text"]): Message => ({ id: `msg_${n}`, by, text, at: `2026-01-01T00:00:${n}Z` });

describe("what a wake tells of a conversation", () => {
  it("is the newest, oldest first, and no more than a wake may carry", () => {
    const many = Array.from({ length: LIMITS.historyMessages + 5 }, (_, n) => said(n, `${n}`));
    expect(historyOf(many).map(({ text }) => text)).toEqual(many.slice(5).map(({ text }) => text));
    const long = Array.from({ length: 10 }, (_, n) => said(n, "é".repeat(LIMITS.historyBytes / 8)));
    expect(historyOf(long)).toHaveLength(4);
  });

  it("says of a long text how it begins, and that there is more", () => {
    expect(historyOf([said(1, { head: "Once upon a time", bytes: 60_000, ref: "ref_1" })])).toMatchObject([
      { text: "Once upon a time…" },
    ]);
  });
});
