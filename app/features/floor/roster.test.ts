import { describe, expect, it } from "vitest";
import type { RosterEntry } from "../../../party/protocol/company.ts";
import { about, byUrgency, summary } from "./roster.ts";

function entry(status: RosterEntry["status"], change: Partial<RosterEntry> = {}): RosterEntry {
  return { agent: `ag_${status}`, name: status, title: "", status, doing: "", queued: 0, model: "rehearsal", ...change };
}

const run = { id: "run_1", title: "Write the page", cost: 0 };

describe("an agent in one line", () => {
  it("is what it asks while it waits, and that it waits where the ask is not here yet", () => {
    const waiting = entry("waiting", { run, doing: "Waiting for a decision" });
    expect(about(waiting, "Run this command?")).toBe("Run this command?");
    expect(about(waiting, undefined)).toBe("Waiting for a decision");
  });

  it("is what it was asked for while it works, and what went wrong once it stopped", () => {
    expect(about(entry("working", { run, doing: "Writing" }), undefined)).toBe("Write the page");
    expect(about(entry("failed", { doing: "The provider did not answer." }), undefined)).toBe("The provider did not answer.");
    expect(about(entry("idle"), undefined)).toBe("Waiting for something to do");
  });
});

it("shows first who waits for a person, then who broke, then who works, and counts each once", () => {
  const entries = [entry("idle"), entry("working"), entry("failed"), entry("waiting"), entry("queued"), entry("paused")];
  expect(entries.toSorted(byUrgency).map((one) => one.status)).toEqual([
    "waiting",
    "failed",
    "working",
    "queued",
    "paused",
    "idle",
  ]);
  expect(summary(entries)).toEqual({ working: 2, waiting: 1, stopped: 1, resting: 2 });
});
