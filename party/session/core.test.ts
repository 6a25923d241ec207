import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Play } from "../lib/testing/play.ts";
import type { SessionCommand } from "../protocol/commands.ts";
import { LIMITS } from "../protocol/limits.ts";
import { sessionCore } from "./core.ts";
import { ANA, BEN, GUIDE, SCOUT, SessionPlay } from "./testing/session.ts";

describe("a conversation's room", () => {
  it("takes nothing before it is set up", () => {
    const empty = new Play(sessionCore, "ss_2");
    expect(empty.take({ kind: "command", actor: BEN, command: { type: "message.post", text: "x" } })).toMatchObject({
      code: "not_ready",
      retryable: true,
    });
  });

  it("takes no messages while it is archived, and lets what answers be stopped", () => {
    const play = new SessionPlay();
    play.started("run_1");
    play.configure({ archived: true });
    expect(play.command({ type: "message.post", text: "x" })).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("archived"),
    });
    expect(play.command({ type: "answer.stop", run: "run_1" })).toBeUndefined();
  });

  it("says that lists are out of date, with the place of what changed", () => {
    const play = new SessionPlay();
    play.post("one");
    expect(play.last?.say).toMatchObject([
      { party: "company", room: "co_1", message: { kind: "touched", session: "ss_1", seq: play.events.length } },
    ]);
    play.command({ type: "session.takeOver" });
    expect(play.last?.say).toEqual([]);
  });

  it("keeps the newest messages at hand, and what is known of their edits", () => {
    const play = new SessionPlay();
    const first = play.post("one");
    play.agent({ kind: "edit.told", message: first, agent: GUIDE.id, agentName: GUIDE.name, state: "told" });
    expect(play.state.told[first]).toMatchObject([{ state: "told" }]);
    for (let n = 0; n < LIMITS.snapshotMessages; n++) play.post(`${n}`);
    expect(play.state.messages).toHaveLength(LIMITS.snapshotMessages);
    expect(play.state.told).toEqual({});
  });
});

describe("a private conversation", () => {
  const people = [ANA, BEN].map(({ id, name }) => ({ id, name }));

  it("is nobody else's: not to speak in, nor to enter with an older ticket", () => {
    const play = new SessionPlay({ private: true, people: people.slice(0, 1) });
    expect(play.command({ type: "message.post", text: "x" })).toMatchObject({ code: "not_found" });
    expect(sessionCore.rightsOf?.(play.state, play.priv, BEN.id)).toMatchObject({ role: null });
    expect(sessionCore.rightsOf?.(play.state, play.priv, ANA.id)).toBeUndefined();
  });

  it("puts those out who are not named any more", () => {
    const play = new SessionPlay({ private: true, people });
    play.configure({ private: true, people: people.slice(0, 1) });
    expect(play.last?.close).toEqual([{ kind: "person", person: BEN.id }]);
  });

  it("speaks to the lanes of its agents", () => {
    const play = new SessionPlay({ private: true, people });
    const message = play.post("x", { mentions: [GUIDE.id, SCOUT.id] });
    expect(play.spokenTo("wake")).toEqual(["ag_1-ss_1", "ag_2-ss_1"]);
    play.command({ type: "message.delete", message });
    expect(play.spokenTo("message.deleted")).toEqual(["ag_1-ss_1", "ag_2-ss_1"]);
  });
});

/** What people and agents may do next, by chance. */
type Step = { command: SessionCommand; actor: typeof BEN } | { run: string; ends: boolean };

const pick = fc.constantFrom("msg_x", "first", "newest");
const command: fc.Arbitrary<SessionCommand> = fc.oneof(
  fc.record({
    type: fc.constant("message.post" as const),
    text: fc.constantFrom("", "hello", "more words"),
    mentions: fc.option(fc.subarray([GUIDE.id, SCOUT.id, "ag_x"]), { nil: undefined }),
    replyTo: fc.option(pick, { nil: undefined }),
  }),
  fc.record({ type: fc.constant("message.edit" as const), message: pick, text: fc.constantFrom("", "edited") }),
  fc.record({ type: fc.constantFrom("message.delete" as const, "message.retry" as const), message: pick }),
  fc.record({ type: fc.constantFrom("answer.stop" as const, "session.takeOver" as const, "session.handBack" as const) }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ command, actor: fc.constantFrom(ANA, BEN) }),
  fc.record({ run: fc.constantFrom("run_1", "run_2"), ends: fc.boolean() }),
);

describe("whatever people do in a conversation", () => {
  it("nobody's words change but by their author, agents wake for people alone, and never while a person answers", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const play = new SessionPlay();
        const named = (id: string) => (id === "first" ? play.state.messages[0]?.id : play.state.messages.at(-1)?.id) ?? id;
        for (const one of steps) {
          if ("run" in one) {
            if (one.ends) play.ended(one.run, { text: "Answer" });
            else play.started(one.run);
            continue;
          }
          const before = play.state;
          const given = { ...one.command };
          if ("message" in given && given.message !== "msg_x") given.message = named(given.message);
          if (given.type === "message.post" && given.replyTo) given.replyTo = named(given.replyTo);
          const refused = play.command(given, one.actor);
          if (refused) {
            expect(play.state).toBe(before);
            continue;
          }
          if (before.answeredBy.kind === "person" && given.type !== "session.handBack") expect(play.spokenTo("wake")).toEqual([]);
          for (const old of before.messages) {
            const now = play.state.messages.find(({ id }) => id === old.id);
            if (now?.text !== old.text) expect(old.by.id).toBe(one.actor.id);
            if (old.deleted) expect(now).toEqual(old);
          }
        }
        for (const { wake } of play.wakes) expect(wake.requestedBy.kind).toBe("person");
        play.restart();
      }),
      { numRuns: 200 },
    );
  });
});
