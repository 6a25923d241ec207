import { describe, expect, it } from "vitest";
import { Play } from "../lib/testing/play.ts";
import type { SessionCommand } from "../protocol/commands.ts";
import type { Actor } from "../protocol/common.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import type { SessionConfig, SessionEvent, SessionState } from "../protocol/session.ts";
import { sessionCore } from "./core.ts";
import type { SessionPrivate } from "./private.ts";

const BEN: Actor = { id: "u_ben", name: "Ben", kind: "person", role: "member", rights: 1 };
const ANA: Actor = { ...BEN, id: "u_ana", name: "Ana" };

class SessionPlay extends Play<SessionState, SessionPrivate, SessionEvent> {
  constructor(config: Partial<SessionConfig> = {}) {
    super(sessionCore, "ss_1");
    const whole = { id: "ss_1", company: "co_1", agent: "ag_1", agentName: "Guide", title: "", private: false, archived: false };
    this.do({
      kind: "op",
      op: { op: "record", generation: 1, row: 1, change: { kind: "session", config: { ...whole, ...config } } },
    });
  }

  command(command: SessionCommand, actor = BEN) {
    return this.take({ kind: "command", actor, command });
  }

  post(text: string, actor = BEN): string {
    this.command({ type: "message.post", text }, actor);
    return this.state.messages.at(-1)?.id ?? "";
  }

  agent(message: RoomMessage) {
    this.do({ kind: "message", from: { party: "agent", room: "ag_1" }, message });
  }
}

describe("a conversation", () => {
  it("keeps messages in the order they came and wakes the agent for each, keyed by the message", () => {
    const play = new SessionPlay();
    const ids = [play.post("one"), play.post("two", ANA)];
    expect(play.state.messages.map(({ text }) => text)).toEqual(["one", "two"]);
    expect(play.said("wake")).toMatchObject([
      {
        wake: {
          key: ids[0],
          source: "chat",
          subject: { kind: "session", id: "ss_1" },
          prompt: "one",
          requestedBy: { id: BEN.id },
        },
      },
      { wake: { key: ids[1], prompt: "two", requestedBy: { id: ANA.id } } },
    ]);
  });

  it("wakes nobody while a person answers", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "session.takeOver" }, ANA)).toBeUndefined();
    expect(play.command({ type: "session.takeOver" })).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Ana"),
    });
    play.post("hello");
    expect(play.said("wake")).toEqual([]);
    play.command({ type: "session.handBack" });
    play.post("hello again");
    expect(play.said("wake")).toHaveLength(1);
  });

  it("lets only the one who wrote a message change it, and not after it was deleted", () => {
    const play = new SessionPlay();
    const message = play.post("typo");
    expect(play.command({ type: "message.edit", message, text: "x" }, ANA)).toMatchObject({ code: "forbidden" });
    play.command({ type: "message.edit", message, text: "right" });
    expect(play.state.messages[0]).toMatchObject({ text: "right", edited: true });
    play.command({ type: "message.delete", message });
    expect(play.state.messages[0]).toMatchObject({ text: "", deleted: true });
    expect(play.command({ type: "message.edit", message, text: "back" })).toMatchObject({ code: "conflict" });
    expect(play.command({ type: "message.delete", message: "msg_x" })).toMatchObject({ code: "not_found" });
  });

  it("shows who answers, posts the answer as the agent's, and says why there is none", () => {
    const play = new SessionPlay();
    play.agent({ kind: "answer.started", run: "run_1", agent: "ag_1", agentName: "Guide" });
    expect(play.state.answers).toMatchObject([{ run: "run_1", agent: "ag_1", agentName: "Guide" }]);
    play.agent({ kind: "answer.ended", run: "run_1", agent: "ag_1", agentName: "Guide", outcome: "done", text: "Here." });
    expect(play.state.answers).toEqual([]);
    expect(play.state.messages.at(-1)).toMatchObject({ by: { id: "ag_1", kind: "agent" }, text: "Here.", run: "run_1" });
    play.agent({
      kind: "answer.ended",
      run: "msg_9",
      agent: "ag_1",
      agentName: "Guide",
      outcome: "paused",
      note: "Guide is paused.",
    });
    expect(play.state.messages.at(-1)).toMatchObject({ by: { kind: "system" }, text: "Guide is paused." });
  });

  it("passes a stop on to one answer, or to all that the conversation waits for", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "answer.stop" })).toMatchObject({ code: "conflict" });
    for (const run of ["run_1", "run_2"]) play.agent({ kind: "answer.started", run, agent: "ag_1", agentName: "Guide" });
    play.command({ type: "answer.stop", run: "run_2" });
    play.command({ type: "answer.stop" });
    expect(play.said("answer.stop").map(({ run }) => run)).toEqual(["run_2", undefined]);
  });

  it("takes nothing before it is set up, nor while it is archived", () => {
    const play = new SessionPlay({ archived: true });
    expect(play.command({ type: "message.post", text: "x" })).toMatchObject({ code: "conflict" });
    const empty = new Play(sessionCore, "ss_2");
    expect(empty.take({ kind: "command", actor: BEN, command: { type: "message.post", text: "x" } })).toMatchObject({
      code: "not_ready",
      retryable: true,
    });
  });
});
