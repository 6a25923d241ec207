import { describe, expect, it } from "vitest";
import type { Message } from "../protocol/session.ts";
import { ANA, BEN, GUIDE, SCOUT, SessionPlay } from "./testing/session.ts";

const plan = { file: "fi_1", name: "plan.pdf", mime: "application/pdf", bytes: 12 };

/** A message that the room does not hold any more, as the api brings it from the archive. */
const old: Message = {
  id: "msg_old",
  by: { id: BEN.id, name: BEN.name, kind: "person" },
  text: "Long ago",
  at: "2025-01-01T00:00:00.000Z",
  mentions: [SCOUT.id],
};

describe("a message", () => {
  it("wakes the default agent, keyed by the message, and stands in the order it came", () => {
    const play = new SessionPlay();
    const ids = [play.post("one"), play.post("two", {}, ANA)];
    expect(play.state.messages.map(({ text }) => text)).toEqual(["one", "two"]);
    expect(play.wakes).toMatchObject([
      {
        room: GUIDE.id,
        wake: {
          key: ids[0],
          source: "chat",
          subject: { kind: "session", id: "ss_1" },
          prompt: "one",
          requestedBy: { id: BEN.id },
        },
      },
      { room: GUIDE.id, wake: { key: ids[1], prompt: "two", requestedBy: { id: ANA.id } } },
    ]);
  });

  it("is answered by those it mentions, each once, and by nobody who is not in the conversation", () => {
    const play = new SessionPlay();
    play.post("both", { mentions: [SCOUT.id, GUIDE.id, SCOUT.id] });
    expect(play.newest.mentions).toEqual([SCOUT.id, GUIDE.id]);
    expect(play.spokenTo("wake")).toEqual([SCOUT.id, GUIDE.id]);
    expect(play.command({ type: "message.post", text: "you", mentions: ["ag_9"] })).toMatchObject({ code: "invalid" });
  });

  it("that replies to an agent is for that agent, unless it mentions another or that one has left", () => {
    const play = new SessionPlay();
    play.ended("run_1", { text: "From Scout" }, SCOUT);
    const answer = play.newest.id;
    play.post("thanks", { replyTo: answer });
    expect(play.spokenTo("wake")).toEqual([SCOUT.id]);
    play.post("and you?", { replyTo: answer, mentions: [GUIDE.id] });
    expect(play.spokenTo("wake")).toEqual([GUIDE.id]);
    play.configure({ agents: [GUIDE] });
    play.post("still there?", { replyTo: answer });
    expect(play.spokenTo("wake")).toEqual([GUIDE.id]);
  });

  it("replies to what is here: not to nothing, not to what was deleted, and to old ones that the api brings", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "message.post", text: "x", replyTo: "msg_x" })).toMatchObject({ code: "not_found" });
    const gone = play.post("gone");
    play.command({ type: "message.delete", message: gone });
    expect(play.command({ type: "message.post", text: "x", replyTo: gone })).toMatchObject({ code: "conflict" });
    expect(play.command({ type: "message.post", text: "x", replyTo: old.id }, BEN, [old])).toBeUndefined();
  });

  it("may be nothing but files, which go with the wake and are named where a message is named", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "message.post", text: "  " })).toMatchObject({ code: "invalid" });
    const message = play.post("", { attachments: [plan] });
    expect(play.wakes.at(-1)?.wake).toMatchObject({ prompt: "", attachments: [plan] });
    play.command({ type: "message.edit", message, text: "Read it" });
    expect(play.said("message.edited")).toMatchObject([{ before: "plan.pdf", text: "Read it" }]);
    play.command({ type: "message.delete", message });
    expect(play.newest.attachments).toBeUndefined();
  });
});

describe("what was said before", () => {
  it("goes with a wake: people, agents and files, not what was deleted, not the room's own notes", () => {
    const play = new SessionPlay();
    play.post("kept", { attachments: [plan] });
    const gone = play.post("gone");
    play.command({ type: "message.delete", message: gone });
    play.ended("run_1", { text: "An answer" });
    play.ended("run_2", { outcome: "failed", note: "It broke." });
    play.post("now");
    expect(play.wakes.at(-1)?.wake.history).toMatchObject([
      { by: { id: BEN.id }, text: "kept", attachments: [plan] },
      { by: { id: GUIDE.id }, text: "An answer" },
    ]);
  });

  it("holds what a person said while agents were silent, once they are asked again", () => {
    const play = new SessionPlay();
    play.command({ type: "session.takeOver" }, ANA);
    play.post("I will answer this myself", {}, ANA);
    expect(play.newest.mentions).toBeUndefined();
    play.command({ type: "session.handBack" }, ANA);
    play.post("go on");
    expect(play.wakes).toMatchObject([{ wake: { history: [{ text: "I will answer this myself" }] } }]);
  });
});

describe("an edit", () => {
  it("is the author's alone, never empty, and ends with the message", () => {
    const play = new SessionPlay();
    const message = play.post("typo");
    expect(play.command({ type: "message.edit", message, text: "x" }, ANA)).toMatchObject({ code: "forbidden" });
    expect(play.command({ type: "message.edit", message, text: " " })).toMatchObject({ code: "invalid" });
    play.command({ type: "message.edit", message, text: "right" });
    expect(play.newest).toMatchObject({ text: "right", edited: true, editedAt: expect.any(String) });
    play.command({ type: "message.edit", message, text: "right" });
    expect(play.ofType("message.edited")).toHaveLength(1);
    play.command({ type: "message.delete", message });
    expect(play.newest).toMatchObject({ text: "", deleted: true });
    expect(play.command({ type: "message.edit", message, text: "back" })).toMatchObject({ code: "conflict" });
    expect(play.command({ type: "message.delete", message: "msg_x" })).toMatchObject({ code: "not_found" });
  });

  it("is heard by every agent that was asked, and what each met is shown until the next edit", () => {
    const play = new SessionPlay();
    const message = play.post("typo", { mentions: [GUIDE.id, SCOUT.id] });
    play.command({ type: "message.edit", message, text: "right" });
    expect(play.spokenTo("message.edited")).toEqual([GUIDE.id, SCOUT.id]);
    for (const { id, name } of [GUIDE, SCOUT]) {
      play.agent({ kind: "edit.told", message, agent: id, agentName: name, state: "acted", run: "run_1", calls: 2, files: 1 });
    }
    expect(play.state.told[message]).toMatchObject([
      { agentName: "Guide", state: "acted", calls: 2, files: 1 },
      { agentName: "Scout" },
    ]);
    play.command({ type: "message.edit", message, text: "better" });
    expect(play.state.told).toEqual({});
  });

  it("and a deletion reach a message older than those at hand", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "message.edit", message: old.id, text: "x" })).toMatchObject({ code: "not_found" });
    expect(play.command({ type: "message.edit", message: old.id, text: "x" }, ANA, [old])).toMatchObject({ code: "forbidden" });
    expect(play.command({ type: "message.edit", message: old.id, text: "Now" }, BEN, [old])).toBeUndefined();
    expect(play.spokenTo("message.edited")).toEqual([SCOUT.id]);
    expect(play.command({ type: "message.delete", message: old.id }, BEN, [old])).toBeUndefined();
    expect(play.events.slice(-2)).toMatchObject([
      { type: "message.edited", message: old.id, text: "Now" },
      { type: "message.deleted", message: old.id },
    ]);
  });
});

describe("asking again", () => {
  it("wakes the same agents for the same words, with a key of its own, once none of them answers it", () => {
    const play = new SessionPlay();
    play.post("before");
    const message = play.post("once more", { mentions: [SCOUT.id], attachments: [plan] });
    play.post("after");
    play.started("run_1", message, SCOUT);
    expect(play.command({ type: "message.retry", message })).toMatchObject({ code: "conflict" });
    play.ended("run_1", { outcome: "failed", note: "It broke." }, SCOUT);
    expect(play.command({ type: "message.retry", message }, ANA)).toBeUndefined();
    expect(play.wakes.at(-1)).toMatchObject({
      room: SCOUT.id,
      wake: { prompt: "once more", attachments: [plan], requestedBy: { id: BEN.id }, history: [{ text: "before" }] },
    });
    expect(play.wakes.at(-1)?.wake.key).toMatch(new RegExp(`^${message}:.+`));
  });

  it("works for an old message, and for one whose agents have left", () => {
    const play = new SessionPlay();
    expect(play.command({ type: "message.retry", message: old.id }, BEN, [old])).toBeUndefined();
    expect(play.spokenTo("wake")).toEqual([SCOUT.id]);
    play.configure({ agents: [GUIDE] });
    play.command({ type: "message.retry", message: old.id }, BEN, [old]);
    expect(play.spokenTo("wake")).toEqual([GUIDE.id]);
  });

  it("needs the whole text: of a long one the room keeps the beginning, and the api brings the rest", () => {
    const play = new SessionPlay();
    const whole = "word ".repeat(4_000);
    const cut: Message = { ...old, text: { head: whole.slice(0, 2_000), bytes: whole.length, ref: "ref_1" } };
    play.do({
      kind: "command",
      actor: BEN,
      command: { type: "message.retry", message: old.id },
      known: [{ ...cut, text: whole }],
    });
    expect(play.wakes.at(-1)?.wake.prompt).toBe(whole);
    expect(play.command({ type: "message.retry", message: old.id }, BEN, [cut])).toMatchObject({ code: "elsewhere" });
  });

  it("is for what people wrote, and stands", () => {
    const play = new SessionPlay();
    play.ended("run_1", { text: "An answer" });
    expect(play.command({ type: "message.retry", message: play.newest.id })).toMatchObject({ code: "invalid" });
    const gone = play.post("gone");
    play.command({ type: "message.delete", message: gone });
    expect(play.command({ type: "message.retry", message: gone })).toMatchObject({ code: "conflict" });
  });
});
