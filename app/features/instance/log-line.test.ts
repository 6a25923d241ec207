import { expect, test } from "vitest";
import { readLine } from "./log-line.ts";

test("a line of ours reads as a sentence with what belongs to it; its level is kept", () => {
  const line = '{"level":40,"time":"2026-01-02T03:04:05.678Z","process":"api","mail":"ml_1","msg":"a mail was not taken"}';
  expect(readLine(line)).toMatchObject({
    level: "warn",
    text: "a mail was not taken mail=ml_1",
    time: expect.stringMatching(/:04:05$/),
  });
  expect(readLine('{"level":50,"msg":"x"}')).toEqual({ level: "error", text: "x", time: undefined });
});

test("any other line stays as it is", () => {
  for (const line of ["workerd: listening", '{"half":', "", "[1,2]"]) {
    expect(readLine(line)).toEqual({ time: undefined, level: "quiet", text: line });
  }
});
