import { describe, expect, it } from "vitest";
import { inlineText } from "../../../party/protocol/common.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import { ANA } from "../testing/recording-room.ts";
import { gate, Stage } from "../testing/stage.ts";

describe("a run that a limit or a defect ends", () => {
  it("stops at its limit of running time, says so, and ends what was under way", async () => {
    const stage = new Stage({
      prompts: ['@tool change {"n": 1}\n@tool send {"n": 0}\n@say done'],
      during: (context) =>
        new Promise((resolve) => {
          context.signal.addEventListener("abort", () => resolve({ ok: false, output: "killed" }));
        }),
    });
    stage.room.ranMs = LIMITS.runMs - 200;
    await expect(stage.start().done).resolves.toBe("ended");
    expect(stage.room.run).toMatchObject({ outcome: "limit", error: { code: "time", retryable: false } });
    expect(stage.room.run.ms).toBeGreaterThan(LIMITS.runMs - 200);
    const ended = stage.room.events.flatMap((event) => (event.type === "tool.ended" ? [event.effect] : []));
    expect(ended.toSorted()).toEqual(["none", "unknown"]);
    expect(stage.types.slice(-2)).toEqual(["limit", "run.ended"]);
  });

  it("says of each call how it ended before it says that the run did", async () => {
    const stage = new Stage({ prompts: ['@tool change {"n": 1}\n@tool send {"n": 0}\n@tool ask_person {"question": "Which?"}'] });
    let refused = 0;
    stage.room.refuses = ({ events }) => events.some(({ type }) => type === "tool.ended") && refused++ === 0;
    await expect(stage.start().done).resolves.toBe("ended");
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { code: "invalid" } });
    const ends = stage.room.events.flatMap((event) => (event.type === "tool.ended" ? [[event.call, event.effect]] : []));
    const called = stage.room.events.flatMap((event) => (event.type === "tool.called" ? [[event.name, event.call]] : []));
    const { change, send } = Object.fromEntries(called);
    const asked = stage.room.events.find((event) => event.type === "question.asked");
    expect(ends).toEqual([
      [change, "unknown"],
      [send, "none"],
      [asked?.question, "none"],
    ]);
    expect(stage.types.at(-1)).toBe("run.ended");
  });

  it("stops what still runs first", async () => {
    const stage = new Stage({
      prompts: ['@tool change {"n": 1}\n@tool look {"n": 2}'],
      during: (context) =>
        new Promise((resolve) => {
          if (stage.running === 1) resolve({ ok: true, output: "at once" });
          else context.signal.addEventListener("abort", () => resolve({ ok: false, output: "killed", exitCode: 1 }));
        }),
    });
    let refused = 0;
    stage.room.refuses = ({ events }) => events.some(({ type }) => type === "tool.ended") && refused++ === 0;
    await stage.start().done;
    expect(stage.running).toBe(0);
    const ends = stage.room.events.flatMap((event) => (event.type === "tool.ended" ? [event.output] : []));
    expect(ends).toEqual(["killed", expect.stringContaining("unknown")]);
    expect(stage.types.at(-1)).toBe("run.ended");
  });

  it("voids the block whose end the room did not take, and says nothing of a call it never took", async () => {
    const stage = new Stage({ prompts: ["@say hello"] });
    stage.room.refuses = ({ events }) =>
      events.some((event) => event.type === "turn.ended" || (event.type === "block.ended" && !event.void));
    await stage.start().done;
    expect(stage.room.run).toMatchObject({ outcome: "failed" });
    expect(stage.types.slice(-3)).toEqual(["block.started", "block.ended", "run.ended"]);

    const other = new Stage({ prompts: ['@tool change {"n": 1}'] });
    other.room.refuses = ({ events }) => events.some(({ type }) => type === "tool.called");
    await other.start().done;
    expect(other.room.run).toMatchObject({ outcome: "failed" });
    expect(other.types).not.toContain("tool.ended");
    expect(other.effects).toEqual([]);
  });
});

describe("people in the middle of a run", () => {
  it("hears a steer before the next call of the model", async () => {
    const { opened, open } = gate();
    const stage = new Stage({
      prompts: ['@tool look {"n": 1}\n@say last'],
      during: async () => {
        await opened;
        return { ok: true, output: "ok" };
      },
    });
    const handle = stage.start();
    await stage.room.when(() => stage.types.includes("tool.called"));
    handle.send(stage.room.steer("st_1", "@say steered"));
    await stage.room.when(() => stage.room.run.steers[0]?.state === "seen");
    open();
    await handle.done;
    expect(stage.room.run.steers).toMatchObject([{ id: "st_1", state: "applied" }]);
    const texts = stage.room.events.flatMap((event) => (event.type === "block.ended" ? [inlineText(event.text)] : []));
    expect(texts).toEqual(["steered", "last"]);
    expect(stage.room.events.findLast((event) => event.type === "message.user")).toMatchObject({ via: "steer", by: ANA });
  });

  it("stops a turn when interrupted, keeps what was said, and waits for a follow-up", async () => {
    const stage = new Stage({ prompts: ["@slow 100 100\n@say a long story that nobody wants to hear\n@then\n@say rest"] });
    const handle = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    const before = performance.now();
    handle.interrupt(ANA);
    await expect(handle.done).resolves.toBe("waiting");
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(stage.room.events.findLast((event) => event.type === "turn.ended")).toMatchObject({ stop: "aborted" });
    expect(stage.room.run).toMatchObject({ state: "waiting", why: "Stopped by Ana, waiting for a follow-up", openBlocks: [] });
    const [said] = stage.room.events.flatMap((event) => (event.type === "block.ended" ? [event] : []));
    expect(said).not.toHaveProperty("void");
    expect("a long story that nobody wants to hear".startsWith(inlineText(said?.text ?? "x"))).toBe(true);

    stage.room.steer("st_1", "@say as you wish");
    await expect(stage.start().done).resolves.toBe("ended");
    expect(stage.room.events.findLast((event) => event.type === "message.user")).toMatchObject({ via: "followup" });
    expect(stage.room.run).toMatchObject({ outcome: "done", text: "rest" });
  });

  it("goes back to waiting without a word when it is claimed before the follow-up came", async () => {
    const stage = new Stage({ prompts: ["@slow 100 100\n@say a long story"] });
    const handle = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    handle.interrupt(ANA);
    await handle.done;
    const told = stage.room.events.length;
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.room.events.slice(told).map((event) => event.type)).toEqual(["run.state"]);
  });

  it("does at a claim what it missed: an interrupt", async () => {
    const stage = new Stage({ prompts: ["@say hello"] });
    stage.room.interruptedMeanwhile();
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.types).not.toContain("turn.started");
  });

  it("stops running tools when interrupted, and says that their outcome is unknown", async () => {
    const stage = new Stage({
      prompts: ['@tool change {"n": 1}\n@tool send {"n": 0}\n@say done'],
      during: (context) =>
        new Promise((resolve) => {
          context.signal.addEventListener("abort", () => resolve({ ok: false, output: "killed" }));
          context.progress("begun");
        }),
    });
    const handle = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    handle.interrupt(ANA);
    await expect(handle.done).resolves.toBe("waiting");
    const ended = stage.room.events.flatMap((event) => (event.type === "tool.ended" ? [event.effect] : []));
    expect(ended.toSorted()).toEqual(["none", "unknown"]);
    expect(stage.room.run.calls).toEqual([]);
  });

  it("leaves no question open behind an interrupt, so that what is asked later is not held up by it", async () => {
    const stage = new Stage({ prompts: ['@ask Which colour?\n@then\n@tool send {"n": 0}'] });
    await stage.start().done;
    const [question = ""] = stage.room.open.questions;
    stage.room.interruptedMeanwhile();
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.room.events.find((event) => event.type === "tool.ended")).toMatchObject({ call: question, effect: "none" });
    expect(stage.room.open.questions).toEqual([]);
    expect(stage.room.run.questions).toEqual([]);
    expect(stage.results).toEqual(["The run was stopped before this was done."]);
  });

  it("withdraws the question of the loop breaker when interrupted", async () => {
    const stage = new Stage({ prompts: [`${Array(5).fill('@tool change {"n": 1}').join("\n@then\n")}\n@then\n@say done`] });
    await stage.start().done;
    expect(stage.room.open.questions).toHaveLength(1);
    stage.room.interruptedMeanwhile();
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.room.open.questions).toEqual([]);
    expect(stage.entries.filter((entry) => entry.kind === "result")).toHaveLength(5);
    stage.room.steer("st_1", "go on");
    await expect(stage.start().done).resolves.toBe("ended");
  });

  it("keeps an answer that came before the interrupt", async () => {
    const stage = new Stage({ prompts: ["@ask Which colour?\n@say thanks"] });
    await stage.start().done;
    stage.room.answer(stage.room.open.questions[0] ?? "", "blue");
    stage.room.interruptedMeanwhile();
    await stage.start().done;
    expect(stage.results).toEqual(["Ana answered: blue"]);
  });

  it("reports an allowed call as carried out before the run ends", async () => {
    const stage = new Stage({
      prompts: ['@tool send {"n": 0}'],
      during: (context) =>
        new Promise((resolve) => {
          context.signal.addEventListener("abort", () => resolve({ ok: false, output: "killed", exitCode: 1 }));
          context.progress("begun");
        }),
    });
    await stage.start().done;
    stage.decideAll();
    const handle = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    handle.cancel(ANA);
    await handle.done;
    expect([...stage.room.approvals.values()].map((asked) => asked.state)).toEqual(["executed"]);
  });

  it("does not wait for a tool that ignores the stop", async () => {
    const stage = new Stage({
      prompts: ['@tool change {"n": 1}\n@say done'],
      during: (context) => new Promise(() => context.progress("begun")),
    });
    const handle = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    const before = performance.now();
    handle.cancel(ANA);
    await expect(handle.done).resolves.toBe("ended");
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(stage.room.run).toMatchObject({ outcome: "aborted" });
    expect(stage.room.events.find((event) => event.type === "tool.ended")).toMatchObject({ effect: "unknown" });
  });

  it("ends as aborted when cancelled, and names who did it", async () => {
    const stage = new Stage({ prompts: ["@slow 100 100\n@say a long story"] });
    const handle = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    handle.cancel(ANA);
    await expect(handle.done).resolves.toBe("ended");
    expect(stage.room.events.at(-1)).toMatchObject({ type: "run.ended", outcome: "aborted", by: ANA });
    expect(stage.room.released).toBe("end");
  });

  it("says nothing when it is closed, so that another runner can go on", async () => {
    const stage = new Stage({ prompts: ["@slow 100 100\n@say a long story\n@then\n@say rest"] });
    const handle = stage.start();
    await stage.room.when(() => stage.room.live.length > 0);
    handle.close();
    await expect(handle.done).resolves.toBe("lost");
    expect(stage.types).not.toContain("run.ended");
    expect(stage.types).not.toContain("turn.ended");
  });
});
