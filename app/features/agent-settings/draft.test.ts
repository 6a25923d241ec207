import { expect, test } from "vitest";
import { changesOf, type Draft, withRule } from "./draft.ts";

const BASE: Draft = {
  name: "Guide",
  title: "",
  model: "rehearsal",
  instructions: "Help.",
  tools: { profile: "coding" },
  maxConcurrentRuns: 1,
};

test("only what differs is sent", () => {
  expect(changesOf({ ...BASE, name: "Guide " }, BASE)).toEqual({});
  expect(changesOf({ ...BASE, model: "balanced", maxConcurrentRuns: 2 }, BASE)).toEqual({
    model: "balanced",
    maxConcurrentRuns: 2,
  });
  expect(changesOf({ ...BASE, tools: { profile: "basic" } }, BASE)).toEqual({ tools: { profile: "basic" } });
});

test("a rule is set, changed and taken away; without rules there is no list of them", () => {
  const one = withRule(BASE.tools, "shell", "deny");
  expect(one).toEqual({ profile: "coding", rules: { shell: "deny" } });
  expect(withRule(one, "write", "ask")).toEqual({ profile: "coding", rules: { shell: "deny", write: "ask" } });
  expect(withRule(one, "shell", undefined)).toEqual(BASE.tools);
});
