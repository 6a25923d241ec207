import { describe, expect, test } from "vitest";
import type { OpenCall } from "./agent.ts";
import { runSentence } from "./run-words.ts";

const AT = "2026-11-17T10:00:00.000Z";
const idle = { why: "Waiting for a decision", calls: [], questions: [], error: undefined };

function asking(need: number, decision?: string): OpenCall {
  const approval = { id: "ap_1", digest: "", question: "Run npm install?", expiresAt: AT, need, by: [], decision };
  return { call: "c1", name: "shell", input: "{}", policy: "ask", risk: "write", at: AT, approval };
}

describe("the sentence of a run", () => {
  test("says whose move it is, and what is asked", () => {
    expect(runSentence({ ...idle, state: "waiting", calls: [asking(1)] })).toBe("Waits for a person to decide: Run npm install?");
    expect(runSentence({ ...idle, state: "waiting", calls: [asking(2)] })).toBe("Waits for 2 people to decide: Run npm install?");
    const questions = [{ id: "q", text: "Which client pays?", options: [] }];
    expect(runSentence({ ...idle, state: "waiting", questions })).toBe("Waits for an answer: Which client pays?");
    expect(runSentence({ ...idle, state: "waiting", calls: [asking(1)], questions })).toMatch(/ \(and 1 more\)$/);
  });

  test("is the room's own where nobody is asked", () => {
    expect(runSentence({ ...idle, state: "waiting", why: "Stopped by Ana, waiting for a follow-up" })).toContain("Ana");
    expect(runSentence({ ...idle, state: "retrying", why: "The runner went away; another one goes on" })).toContain("runner");
    expect(runSentence({ ...idle, state: "queued", why: "" })).toBe("Waiting to start");
  });

  test("does not ask for what was decided", () => {
    expect(runSentence({ ...idle, state: "waiting", calls: [asking(1, "allow")] })).toBe("Waiting for a decision");
  });

  test("of a run that failed is its error, and of one that went well there is none", () => {
    const error = { code: "x", message: "The mail server refused the sign-in.", retryable: false };
    expect(runSentence({ ...idle, state: "ended", error })).toBe("The mail server refused the sign-in.");
    expect(runSentence({ ...idle, state: "ended", why: "" })).toBe("");
  });
});
