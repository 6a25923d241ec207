import { describe, expect, it } from "vitest";
import { readCommand } from "./control.ts";

describe("readCommand", () => {
  const good = {
    type: "start",
    run: "run_1",
    agent: "ag_1",
    company: "co_1",
    generation: 1,
    fence: 2,
    token: "t",
    feeder: "ws://h/p",
  };

  it("takes a complete command", () => {
    expect(readCommand(JSON.stringify(good))).toEqual(good);
  });

  it.each([
    "no json",
    "null",
    "{}",
    JSON.stringify({ ...good, type: "stop" }),
    JSON.stringify({ ...good, fence: "2" }),
    JSON.stringify({ ...good, company: "../other" }),
    JSON.stringify({ ...good, feeder: "nowhere" }),
  ])("takes nothing else: %s", (text) => {
    expect(readCommand(text)).toBeUndefined();
  });
});
