import { describe, expect, it } from "vitest";
import { readPrompts } from "../lib/prompts.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import { AgentPlay, BEN, called } from "./testing/agent.ts";

const ben: ActorRef = { id: BEN.id, name: BEN.name, kind: "person" };
const SESSION = "ss_1";
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const plan = { file: "fi_1", name: "plan.pdf", mime: "application/pdf", bytes: 12 };

/** An agent, the conversation that wakes it, and the journals its room keeps. */
class ChatPlay extends AgentPlay {
  readonly #journals = new Map<string, unknown[]>();
  #minute = 0;

  fromSession(message: RoomMessage): void {
    this.do({ kind: "message", from: { party: "session", room: SESSION }, message });
    for (const { run, from, entries } of this.last?.journal ?? []) {
      const rows = this.#journals.get(run) ?? [];
      rows.splice(from, entries.length, ...entries);
      this.#journals.set(run, rows);
    }
  }

  /** A message of the conversation asks the agent. @returns the newest run */
  says(key: string, text: string, more: object = {}): string {
    this.#minute += 1;
    const wake = this.wakeOf({
      source: "chat",
      subject: { kind: "session", id: SESSION },
      key,
      prompt: text,
      at: at(this.#minute),
      ...more,
    });
    this.fromSession({ kind: "wake", wake });
    return this.ofType("run.queued").at(-1)?.run ?? "";
  }

  edits(message: string, text: string): void {
    this.fromSession({ kind: "message.edited", message, before: "Teh text", text, by: ben });
  }

  deletes(message: string): void {
    this.fromSession({ kind: "message.deleted", message, before: "Teh text", by: ben });
  }

  prompts(run: string) {
    return readPrompts(this.#journals.get(run) ?? []).prompts;
  }

  get told() {
    return this.said("edit.told").at(-1);
  }
}

describe("an edit of a message", () => {
  it("reaches a run that has not started before its runner does, and leaves the files and the history as they were", () => {
    const play = new ChatPlay();
    const busy = play.woken();
    play.hold(busy);
    const history = [{ by: ben, text: "Earlier", at: at(0) }];
    const run = play.says("msg_1", "Teh text", { attachments: [plan], history });
    play.edits("msg_1", "The text");
    expect(play.prompts(run)).toEqual([{ by: ben, text: "The text", via: "prompt", attachments: [plan], history }]);
    expect(play.told).toMatchObject({ message: "msg_1", agent: "ag_1", agentName: "Guide", state: "replaced", run });
    expect(play.ofType("steer.queued")).toEqual([]);
  });

  it("replaces its own text alone where several messages wait together", () => {
    const play = new ChatPlay();
    play.hold(play.woken());
    const run = play.says("msg_1", "One", { history: [{ by: ben, text: "Zero", at: at(0) }] });
    play.says("msg_2", "Teh text", { history: [{ by: ben, text: "One", at: at(1) }] });
    play.says("msg_3", "Three");
    play.edits("msg_2", "The text");
    expect(play.prompts(run).map(({ text }) => text)).toEqual(["One", "The text", "Three"]);
    // What an earlier prompt of the run says is not told as history again.
    expect(play.prompts(run).map(({ history }) => history?.length)).toEqual([1, undefined, undefined]);
  });

  it("is told to a run at work, with what it had done by then, and does not let one go on that was interrupted", () => {
    const play = new ChatPlay();
    const run = play.says("msg_1", "Teh text");
    const runner = play.hold(run);
    expect(play.said("answer.started")).toMatchObject([{ run, agent: "ag_1", agentName: "Guide", message: "msg_1" }]);
    runner.send([called("call_1"), { type: "file.changed", path: "a.md", op: "added", added: 1, removed: 0 }]);
    play.edits("msg_1", "The text");
    expect(play.told).toMatchObject({ state: "told", run, calls: 1, files: 1 });
    const [steer] = play.ofType("steer.queued");
    expect(steer?.text).toBe(
      'Ben changed the message "Teh text" to: The text\n\nBy then you had made 1 call and changed 1 file. Say whether you had already acted on the old text.',
    );
    expect(play.last?.tell).toMatchObject([{ run, answer: { type: "steer", steer: steer?.steer } }]);

    play.command({ type: "run.interrupt", run });
    runner.send([{ type: "steer.applied", steer: steer?.steer ?? "" }], { release: "wait" });
    play.edits("msg_1", "The very text");
    expect(play.run(run).at.kind).toBe("interrupted");
    expect(play.run(run).steers).toHaveLength(1);
  });

  it("that comes after the end learns what was done on the old text", () => {
    const play = new ChatPlay();
    const run = play.says("msg_1", "Teh text");
    const runner = play.hold(run);
    runner.send([called("call_1"), called("call_2")]);
    runner.end();
    play.restart();
    play.edits("msg_1", "The text");
    expect(play.told).toMatchObject({ state: "acted", run, calls: 2, files: 0 });
  });

  it("meets the newest run of a message that was asked again", () => {
    const play = new ChatPlay();
    play.hold(play.says("msg_1", "Teh text")).end();
    const again = play.says("msg_1:st_1", "Teh text");
    play.hold(again);
    play.edits("msg_1", "The text");
    expect(play.told).toMatchObject({ state: "told", run: again, calls: 0 });
  });

  it("says nothing where nothing was begun: refused, or stopped in the queue", () => {
    const play = new ChatPlay();
    play.command({ type: "agent.pause" });
    play.says("msg_1", "Teh text");
    expect(play.said("answer.ended")).toMatchObject([{ run: "msg_1", message: "msg_1", outcome: "paused" }]);
    play.edits("msg_1", "The text");
    play.command({ type: "agent.resume" });
    play.hold(play.woken());
    play.command({ type: "run.cancel", run: play.says("msg_2", "Teh text") });
    play.edits("msg_2", "The text");
    expect(play.told).toBeUndefined();
    // A message the agent has forgotten was answered long ago.
    play.edits("msg_0", "The text");
    expect(play.told).toMatchObject({ message: "msg_0", state: "acted" });
  });
});

describe("a deleted message", () => {
  it("takes its run out of the queue", () => {
    const play = new ChatPlay();
    play.hold(play.woken());
    const run = play.says("msg_1", "Teh text");
    play.deletes("msg_1");
    expect(play.ofType("run.ended")).toMatchObject([{ run, outcome: "aborted", by: { id: BEN.id } }]);
  });

  it("takes only its own text out of a run that has others, which ends with the last of them", () => {
    const play = new ChatPlay();
    play.hold(play.woken());
    const run = play.says("msg_1", "One", { attachments: [plan] });
    play.says("msg_2", "Two");
    play.deletes("msg_1");
    expect(play.prompts(run)).toMatchObject([{ text: "Two" }]);
    expect(play.prompts(run)[0]?.attachments).toBeUndefined();
    play.deletes("msg_2");
    expect(play.ofType("run.ended")).toMatchObject([{ run }]);
  });

  it("is told to a run at work, and to nobody when it has ended", () => {
    const play = new ChatPlay();
    const runner = play.hold(play.says("msg_1", "Teh text"));
    play.deletes("msg_1");
    expect(play.ofType("steer.queued")).toMatchObject([
      { text: 'Ben deleted the message "Teh text". It does not count any more.' },
    ]);
    runner.end();
    play.deletes("msg_1");
    expect(play.ofType("steer.queued")).toHaveLength(1);
  });
});

describe("a conversation's stop", () => {
  it("without a run ends all that the agent does or has waiting for that conversation, and nothing else", () => {
    const play = new ChatPlay({ maxConcurrentRuns: 2 });
    const other = play.woken();
    play.hold(other);
    const first = play.says("msg_1", "One");
    play.hold(first);
    play.says("msg_2", "Two");
    play.fromSession({ kind: "answer.stop", by: BEN });
    expect(play.last?.tell).toMatchObject([{ run: first, answer: { type: "cancel" } }]);
    expect(play.live).toEqual([other, first]);
  });
});
