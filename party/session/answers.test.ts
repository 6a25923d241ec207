import { describe, expect, it } from "vitest";
import type { SessionCommand } from "../protocol/commands.ts";
import { ANA, GUIDE, SCOUT, SessionPlay } from "./testing/session.ts";

describe("an answer", () => {
  it("is shown from its start, with what it answers, and posted as the agent's", () => {
    const play = new SessionPlay();
    const message = play.post("hello");
    play.started("run_1", message);
    expect(play.state.answers).toMatchObject([{ run: "run_1", agent: GUIDE.id, agentName: "Guide", message }]);
    play.ended("run_1", { message, text: "Here." });
    expect(play.state.answers).toEqual([]);
    expect(play.newest).toMatchObject({
      by: { id: GUIDE.id, kind: "agent" },
      text: "Here.",
      run: "run_1",
      answers: message,
    });
    expect(play.ofType("answer.ended")).toMatchObject([{ run: "run_1", outcome: "done" }]);
  });

  it.each([
    [{ outcome: "paused", note: "Guide is paused. Resume it first." }, "Guide is paused. Resume it first."],
    [{ outcome: "failed" }, "Guide could not finish the answer."],
    [{ outcome: "done" }, "Guide finished without writing an answer."],
    [{ outcome: "limit", text: "Half of it", note: "It reached 100 turns." }, "It reached 100 turns."],
  ])("that did not come about is explained in a sentence: %o", (end, sentence) => {
    const play = new SessionPlay();
    play.ended("run_1", end);
    expect(play.newest).toMatchObject({ by: { kind: "system" }, text: sentence });
  });

  it("that a person stopped needs no explanation", () => {
    const play = new SessionPlay();
    play.started("run_1");
    play.ended("run_1", { outcome: "aborted" });
    expect(play.state.messages).toEqual([]);
    expect(play.ofType("answer.ended")).toMatchObject([{ outcome: "aborted" }]);
  });
});

describe("a stop", () => {
  it("ends one answer, or all that the conversation waits for, of agents that have left too", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "answer.stop" })).toMatchObject({ code: "conflict" });
    play.started("run_1");
    play.started("run_2", undefined, SCOUT);
    play.configure({ agents: [GUIDE] });
    play.command({ type: "answer.stop", run: "run_2" });
    expect(play.last?.out).toMatchObject([{ room: SCOUT.id, message: { kind: "answer.stop", run: "run_2" } }]);
    play.command({ type: "answer.stop" });
    expect(play.spokenTo("answer.stop").sort()).toEqual([GUIDE.id, SCOUT.id]);
    expect(play.command({ type: "answer.stop", run: "run_9" })).toMatchObject({ code: "conflict" });
  });
});

describe("a person who answers", () => {
  it("stops the agents, who stay silent until they are handed back to", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "session.takeOver" }, ANA)).toBeUndefined();
    expect(play.spokenTo("answer.stop")).toEqual([GUIDE.id, SCOUT.id]);
    expect(play.command({ type: "session.takeOver" })).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Ana"),
    });
    const message = play.post("hello");
    expect(play.wakes).toEqual([]);
    const commands: SessionCommand[] = [
      { type: "message.post", text: "you?", mentions: [SCOUT.id] },
      { type: "message.retry", message },
    ];
    for (const command of commands) {
      expect(play.command(command)).toMatchObject({ code: "taken_over", message: expect.stringContaining("Ana") });
    }
    play.command({ type: "session.handBack" });
    expect(play.command({ type: "session.handBack" })).toMatchObject({ code: "conflict" });
    play.post("hello again");
    expect(play.wakes).toHaveLength(1);
  });
});
