import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Crash } from "../testing/recording-room.ts";
import { BUBBLEWRAP, NO_SANDBOX, Stage } from "../testing/stage.ts";
import type { Entry } from "./journal.ts";

/** A line of a script; each tool has a number of its own, so that its effects can be counted. */
type Line = { word: "say" | "think" | "look" | "change" | "send" | "ask" | "then" };

const script = fc.array(fc.record<Line>({ word: fc.constantFrom("say", "think", "look", "change", "send", "ask", "then") }), {
  minLength: 1,
  maxLength: 10,
});

/** One of each kind. */
const LINES: Line[] = (["say", "look", "change", "send", "say", "ask", "send", "then", "say"] as const).map((word) => ({ word }));

function textOf(lines: readonly Line[]): string {
  return lines
    .map(({ word }, n) => {
      if (word === "then") return "@then";
      if (word === "say" || word === "think" || word === "ask") return `@${word} text ${n}`;
      return `@tool ${word} {"n":${n}}`;
    })
    .join("\n");
}

/** What the model said and heard, without ids: the same however often the run was interrupted. */
function conversation(entries: readonly Entry[]): unknown[] {
  return entries.flatMap((entry): unknown[] => {
    if (entry.kind === "user") return [entry.text];
    if (entry.kind !== "assistant") return [];
    const blocks = entry.blocks.map((block) =>
      block.kind === "tool_call" ? [block.name, block.input] : [block.kind, block.text],
    );
    return [{ blocks, stop: entry.stop }];
  });
}

async function play(lines: readonly Line[], crashes: Crash[]): Promise<Stage> {
  const stage = new Stage({ prompts: [textOf(lines)], crashes });
  await stage.playOut();
  return stage;
}

const countOf = (items: readonly string[], wanted: string): number => items.filter((item) => item === wanted).length;

function check(stage: Stage, whole: Stage): void {
  expect(conversation(stage.entries)).toEqual(conversation(whole.entries));
  expect(stage.room.run).toMatchObject({ state: "ended", outcome: "done", text: whole.room.run.text });
  expect(countOf(stage.types, "run.ended")).toBe(1);

  for (const effect of new Set([...stage.effects, ...whole.effects])) {
    const times = countOf(stage.effects, effect);
    if (effect.startsWith("look")) expect(times).toBeGreaterThanOrEqual(1);
    else expect(times).toBeLessThanOrEqual(1);
    // Nothing happens that would not have happened without the crash.
    expect(whole.effects).toContain(effect);
  }
  // The room knows of each call before its effect, and of each end before the model is called again.
  expect(stage.early).toEqual([]);
  let openCalls = 0;
  for (const { type } of stage.room.events) {
    if (type === "tool.called") openCalls += 1;
    if (type === "tool.ended") openCalls -= 1;
    if (type === "turn.started") expect(openCalls).toBe(0);
  }
  // Every call is told once and ends once, and what did not happen is never reported as done.
  const events = stage.room.events;
  const called = events.flatMap((event) => (event.type === "tool.called" ? [event.call] : []));
  const ended = events.flatMap((event) => (event.type === "tool.ended" ? [event.call] : []));
  expect(new Set(called).size).toBe(called.length);
  expect(ended.toSorted()).toEqual(called.toSorted());
  const begun = events.flatMap((event) => (event.type === "block.started" ? [event.block] : []));
  const finished = events.flatMap((event) => (event.type === "block.ended" ? [event.block] : []));
  expect(finished.toSorted()).toEqual(begun.toSorted());
  const done = events.filter((event) => event.type === "tool.ended" && event.ok).length;
  expect(done).toBeLessThanOrEqual(new Set(stage.effects).size);
  for (const approval of stage.room.approvals.values()) expect(["executed", "unknown"]).toContain(approval.state);
}

describe("a run whose runner is lost", () => {
  it("goes on to the same end from every single frame, told or not", async () => {
    const whole = await play(LINES, []);
    for (let frame = 0; frame < whole.room.frames; frame++) {
      for (const stored of [true, false]) check(await play(LINES, [{ frame, stored }]), whole);
    }
  });

  it("goes on to the same end of any script, lost anywhere and more than once", async () => {
    const crashes = fc.array(fc.record<Crash>({ frame: fc.nat(40), stored: fc.boolean() }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(script, crashes, async (lines, lost) => {
        check(await play(lines, lost), await play(lines, []));
      }),
      { numRuns: 150 },
    );
  });

  it("plays a skill to its end when its file is gone or another one after the loss", async () => {
    const skill = { name: "demo", description: "For tests.", body: textOf(LINES) };
    const asked = { prompts: ["Show it all\n/demo"] };
    const whole = new Stage({ ...asked, skills: () => [skill] });
    await whole.playOut();
    expect(whole.effects).toEqual(["look 1", "change 2", "send 3", "send 6"]);
    const others = [{ ...skill, body: "@say something else" }];
    for (let frame = 0; frame < whole.room.frames; frame++) {
      // The first frame holds the prompt: until it is stored, nothing was heard.
      for (const stored of frame === 0 ? [true] : [true, false]) {
        const later = stored ? [] : others;
        const stage = new Stage({ ...asked, crashes: [{ frame, stored }], skills: (claim) => (claim === 1 ? [skill] : later) });
        await stage.playOut();
        check(stage, whole);
      }
    }
  });

  it("takes a skill as it stands when the prompt is heard", async () => {
    const skills = (claim: number) => [{ name: "demo", description: "For tests.", body: `@say claim ${claim}` }];
    const stage = new Stage({ prompts: ["/demo"], crashes: [{ frame: 0, stored: false }], skills });
    await stage.playOut();
    expect(stage.room.run.text).toBe("claim 2");
  });

  it("voids the block that was being written and announces the new attempt", async () => {
    const stage = new Stage({ prompts: ["@say hello"] });
    // Frames: run.started with the prompt, the beginnings of turn and block, block.ended …
    const whole = new Stage({ prompts: ["@say hello"], crashes: [{ frame: 2, stored: false }] });
    await stage.playOut();
    await whole.playOut();
    const ended = whole.room.events.flatMap((event) => (event.type === "block.ended" ? [event.void === true] : []));
    expect(ended).toEqual([true, false]);
    expect(whole.room.events.flatMap((event) => (event.type === "run.started" ? [event.attempt] : []))).toEqual([1, 2]);
  });

  it("never carries out twice what may have happened, and tells the model that it is unknown", async () => {
    const script = ['@tool change {"n":1}', "@say done"].join("\n");
    const whole = new Stage({ prompts: [script] });
    await whole.playOut();
    const end = whole.room.events.findIndex((event) => event.type === "tool.ended");
    expect(end).toBeGreaterThan(0);
    // The frame of `tool.ended` is lost: the effect happened and nobody was told.
    for (let frame = 0; frame < whole.room.frames; frame++) {
      const stage = new Stage({ prompts: [script], crashes: [{ frame, stored: false }] });
      await stage.playOut();
      if (stage.effects.length === 1 && stage.results[0]?.includes("unknown")) return;
    }
    throw new Error("no frame left the outcome of the call unknown");
  });

  it.each([
    ["lost", BUBBLEWRAP, NO_SANDBOX],
    ["found", NO_SANDBOX, BUBBLEWRAP],
  ])("does not carry out what was allowed before the sandbox was %s, and says so", async (_, before, after) => {
    const stage = new Stage({
      prompts: ['@tool send {"n":0}\n@then\n@tool send {"n":3}'],
      sandbox: (claim) => (claim === 1 ? before : after),
    });
    await stage.start().done;
    stage.decideAll();
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.effects).toEqual([]);
    const end = stage.room.events.find((event) => event.type === "tool.ended");
    expect(end).toMatchObject({ ok: false, effect: "none", output: expect.stringContaining("no longer what people allowed") });
    expect(stage.results).toEqual([end?.output]);
    // What is asked on the machine as it is now is carried out.
    stage.decideAll();
    await expect(stage.start().done).resolves.toBe("ended");
    expect(stage.effects).toEqual(["send 3"]);
  });

  it("does not carry out an allowed call again after it was lost while it ran", async () => {
    const stage = new Stage({
      prompts: ['@tool send {"n":0}\n@say done'],
      during: async (context) => {
        context.progress("begun");
        await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
        return { ok: false, output: "killed" };
      },
    });
    await stage.start().done;
    stage.decideAll();
    const lost = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    stage.room.lose();
    await expect(lost.done).resolves.toBe("lost");
    await stage.playOut();
    expect(stage.effects).toEqual(["send 0"]);
    expect(stage.room.events.find((event) => event.type === "tool.ended")).toMatchObject({ ok: false, effect: "unknown" });
  });
});
