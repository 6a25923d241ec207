import { describe, expect, it } from "vitest";
import { inlineText } from "../../../party/protocol/common.ts";
import type { Model } from "../../models/model.ts";
import type { ToolContext, ToolOutcome } from "../../tools/tool.ts";
import { BUBBLEWRAP, gate, NO_SANDBOX, Stage } from "../testing/stage.ts";

const play = async (...lines: string[]): Promise<Stage> => {
  const stage = new Stage({ prompts: [lines.join("\n")] });
  await stage.playOut();
  return stage;
};

describe("a run of the native loop", () => {
  it("streams blocks, runs tools and ends with the text of its last turn", async () => {
    const stage = await play("@think hm", "@say Hello", '@tool change {"n": 3}', "@say All done");
    expect(stage.types).toEqual([
      "run.queued",
      "run.started",
      "message.user",
      "turn.started",
      "block.started",
      "block.ended",
      "block.started",
      "block.ended",
      "usage",
      "turn.ended",
      "tool.called",
      "tool.ended",
      "turn.started",
      "block.started",
      "block.ended",
      "usage",
      "turn.ended",
      "run.ended",
    ]);
    expect(stage.room.run).toMatchObject({ state: "ended", outcome: "done", text: "All done", turn: 2 });
    expect(stage.room.released).toBe("end");
    expect(stage.effects).toEqual(["change 3"]);
  });

  it("answers plain words with a rehearsal that says it is one", async () => {
    const stage = await play("Write the report");
    expect(inlineText(stage.room.run.text ?? "")).toContain("This is a rehearsal");
    expect(stage.effects).toEqual([]);
  });

  it("names itself and its tools when it starts", async () => {
    const stage = await play("@say hi");
    expect(stage.room.events.find((event) => event.type === "run.started")).toMatchObject({
      runtime: "native",
      model: "rehearsal",
      tools: ["look", "change", "send", "shell", "ask_person"],
      attempt: 1,
      sandbox: "none",
    });
  });

  it("says which skills it was offered and plays the one that is named, while people read what was asked", async () => {
    const skills = ["demo", "other"].map((name) => ({ name, description: "For tests.", body: `# Show\n\n@say from ${name}` }));
    const stage = new Stage({ prompts: ["Show me\n/demo"], skills: () => skills });
    await stage.playOut();
    expect(stage.room.run.text).toBe("from demo");
    expect(stage.room.events.find((event) => event.type === "run.started")).toMatchObject({ skills: ["demo", "other"] });
    expect(stage.room.events.find((event) => event.type === "message.user")).toMatchObject({ text: "Show me\n/demo" });
  });

  it("plays the skill that a steer names", async () => {
    const skills = [{ name: "demo", description: "For tests.", body: "@say from the skill" }];
    const stage = new Stage({ prompts: ["@say first\n@then\n@say last"], skills: () => skills });
    stage.room.steer("st_1", "and /demo");
    await stage.playOut();
    const said = stage.room.events.flatMap((event) => (event.type === "block.ended" ? [event.text] : []));
    expect(said).toContain("from the skill");
    expect(said).toContain("last");
  });

  it("plays the longest skill there may be", async () => {
    const body = `@say done\n${'"ü\n'.repeat(15_000)}`;
    const stage = new Stage({ prompts: ["/demo"], skills: () => [{ name: "demo", description: "For tests.", body }] });
    await stage.playOut();
    expect(stage.room.run.text).toBe("done");
  });

  it("runs at most five calls of a turn at the same time", async () => {
    const stage = await play(...Array.from({ length: 8 }, (_, n) => `@tool look {"n": ${n}}`), "@say done");
    expect(stage.mostRunning).toBe(5);
    expect(stage.effects).toHaveLength(8);
  });

  it("runs automatic calls at once while asked ones of the same turn wait", async () => {
    const stage = new Stage({ prompts: ['@tool send {"n": 0}\n@tool look {"n": 1}\n@say done'] });
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.effects).toEqual(["look 1"]);
    expect(stage.room.run).toMatchObject({ state: "waiting", why: "Waiting for a decision" });
    expect(stage.room.released).toBe("wait");
    stage.decideAll();
    await expect(stage.start().done).resolves.toBe("ended");
    expect(stage.effects).toEqual(["look 1", "send 0"]);
    expect(stage.types.filter((type) => type === "run.started")).toHaveLength(1);
    expect([...stage.room.approvals.values()].map((asked) => asked.state)).toEqual(["executed"]);
  });

  it("goes on without parking when a decision comes while it still holds the run", async () => {
    const { opened, open } = gate();
    const stage = new Stage({
      prompts: ['@tool send {"n": 0}\n@tool look {"n": 1}\n@say done'],
      during: async () => {
        await opened;
        return { ok: true, output: "ok" };
      },
    });
    const handle = stage.start();
    await stage.room.when(() => stage.room.open.approvals.length === 1);
    const [approval = ""] = stage.room.open.approvals;
    handle.answerPermission(stage.room.decide(approval, "allow"));
    open();
    await expect(handle.done).resolves.toBe("ended");
    expect(stage.room.events.some((event) => event.type === "run.state" && event.state === "waiting")).toBe(false);
  });

  it("tells the model who denied a call and why, and does not do it", async () => {
    const stage = new Stage({ prompts: ['@tool send {"n": 1}'] });
    await stage.start().done;
    stage.room.decide(stage.room.open.approvals[0] ?? "", "deny", undefined, "too early");
    await stage.start().done;
    expect(stage.results).toEqual(["Ana denied this: too early"]);
    expect(stage.effects).toEqual([]);
    expect(stage.room.events.find((event) => event.type === "tool.ended")).toMatchObject({ ok: false, effect: "none" });
  });

  it("runs the arguments a person put in place, and tells the model", async () => {
    const stage = new Stage({ prompts: ['@tool send {"n": 2}'] });
    await stage.start().done;
    stage.room.decide(stage.room.open.approvals[0] ?? "", "edit", '{"n":7}');
    await stage.start().done;
    expect(stage.effects).toEqual(["send 7"]);
    expect(stage.results[0]).toContain('Ana changed the arguments before allowing this. It ran with: {"n":7}');
  });

  it("tells neither the room nor the model the run's own token, whatever a tool shows", async () => {
    const during = async ({ progress }: ToolContext): Promise<ToolOutcome> => {
      progress("TOKEN=s3cret-token");
      return { ok: true, output: "TOKEN=s3cret-token\n" };
    };
    const stage = new Stage({ prompts: ['@tool look {"n": 1}'], during, env: { ATRIUM_RUN_TOKEN: "s3cret-token" } });
    await stage.playOut();
    expect(stage.results).toEqual(["TOKEN=[run token]\n"]);
    expect(stage.room.live).toContainEqual(expect.objectContaining({ type: "tool.progress", text: "TOKEN=[run token]" }));
    expect(JSON.stringify([stage.room.live, stage.room.events, stage.room.journal])).not.toContain("s3cret-token");
  });

  it("runs what a person wrote where the tool fills in what they left out", async () => {
    const stage = new Stage({ prompts: ['@tool shell {"command": "ls", "timeoutMs": 5}'] });
    await stage.start().done;
    stage.room.decide(stage.room.open.approvals[0] ?? "", "edit", '{"command":"ls -l"}');
    await stage.start().done;
    expect(stage.effects).toEqual(["shell ls -l 1000"]);
  });

  it.each([
    [NO_SANDBOX, true],
    [BUBBLEWRAP, undefined],
  ])("says of a command whether an allow may count for later ones: $kind", async (sandbox, everyTime) => {
    const stage = new Stage({ prompts: ['@tool shell {"command": "ls"}'], sandbox: () => sandbox });
    await stage.start().done;
    const [asked] = stage.room.approvals.values();
    expect(asked?.ask.tool).toBe("shell");
    expect(asked?.ask.everyTime).toBe(everyTime);
    expect(asked?.ask.note !== undefined).toBe(everyTime === true);
  });

  it("asks a person, and their answer is the result", async () => {
    const stage = new Stage({ prompts: ["@ask Which colour?\n@say thanks"] });
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.room.run).toMatchObject({ state: "waiting", why: "Waiting for an answer" });
    expect(stage.room.run.questions).toMatchObject([{ text: "Which colour?" }]);
    stage.room.answer(stage.room.open.questions[0] ?? "", "blue");
    await expect(stage.start().done).resolves.toBe("ended");
    expect(stage.results).toEqual(["Ana answered: blue"]);
  });

  it.each([
    ["@tool nothing {}", "There is no tool named “nothing”"],
    ["@tool change {not json", "are not valid JSON"],
    ['@tool change {"n": "three"}', "are not valid"],
    [`@tool change ${'{"n":'.repeat(5_000)}1${"}".repeat(5_000)}`, "are not valid JSON"],
  ])("answers a call that cannot run with a sentence and goes on: %.40s", async (line, sentence) => {
    const stage = await play(line, "@say done");
    expect(stage.results[0]).toContain(sentence);
    expect(stage.effects).toEqual([]);
    expect(stage.room.run).toMatchObject({ outcome: "done", text: "done" });
  });

  it("tries again after a failure that passes, three times at most, and then says what to do", async () => {
    const stage = await play("@fail overloaded");
    expect(stage.sleeps).toEqual([1_000, 4_000]);
    expect(stage.types.filter((type) => type === "retry")).toHaveLength(2);
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { code: "overloaded", retryable: true } });
    expect(stage.room.run.error?.whatToDo).toBeTruthy();
  });

  it("does not try again after a failure that stays", async () => {
    const stage = await play("@say before", "@fail auth");
    expect(stage.sleeps).toEqual([]);
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { code: "auth", retryable: false } });
  });

  it("reports the usage of the script and a cost of nothing", async () => {
    const stage = await play("@usage 100 20", "@say one", "@then", "@usage 7 3", "@say two");
    const used = { input: 107, output: 23, cached: 0, thinking: 0 };
    expect(stage.room.run).toMatchObject({ usage: used, cost: 0 });
    expect(stage.room.events.find((event) => event.type === "run.ended")).toMatchObject({ usage: used });
  });

  it("parks before the fifth identical call, and goes on when a person says so", async () => {
    const stage = new Stage({ prompts: [Array(5).fill('@tool change {"n": 1}').join("\n@then\n")] });
    await expect(stage.start().done).resolves.toBe("waiting");
    expect(stage.effects).toHaveLength(4);
    expect(stage.room.run.questions[0]?.text).toContain("the same call of change 5 times in a row");
    stage.room.answer(stage.room.open.questions[0] ?? "", "Go on");
    await expect(stage.start().done).resolves.toBe("ended");
    expect(stage.effects).toHaveLength(5);
  });

  it("ends a parked run when a person says stop", async () => {
    const stage = new Stage({ prompts: [Array(5).fill('@tool change {"n": 1}').join("\n@then\n")] });
    await stage.start().done;
    stage.room.answer(stage.room.open.questions[0] ?? "", "Stop");
    await stage.start().done;
    expect(stage.room.run).toMatchObject({ outcome: "aborted" });
    expect(stage.effects).toHaveLength(4);
  });

  it("stops at its limit of turns and says so", async () => {
    const stage = await play(Array.from({ length: 120 }, (_, n) => `@say ${n}`).join("\n@then\n"));
    expect(stage.room.run).toMatchObject({ outcome: "limit", turn: 100, error: { code: "turns" } });
  });

  it("keeps long outputs within the frames' limits", async () => {
    const output = "\u0001ü".repeat(25_000);
    const stage = new Stage({
      prompts: [`${Array.from({ length: 5 }, (_, n) => `@tool look {"n": ${n}}`).join("\n")}\n@say done`],
      during: async () => ({ ok: true, output }),
    });
    await stage.playOut();
    expect(stage.room.run).toMatchObject({ outcome: "done" });
    expect(stage.results[0]).toContain("[The rest is not shown.]");
  });

  it("ends as failed, not silently, when a model breaks its contract", async () => {
    const broken: Model = {
      name: "broken",
      id: "broken",
      async *stream() {
        yield { type: "block.start", index: 0, kind: "text" } as const;
        throw new Error("boom");
      },
    };
    const stage = new Stage({ prompts: ["hello"], models: [broken] });
    await stage.playOut();
    expect(stage.room.run).toMatchObject({ outcome: "failed", error: { code: "model_error" } });
    expect(stage.room.run.error?.message).toContain("boom");
    expect(stage.room.events.find((event) => event.type === "block.ended")).toMatchObject({ void: true });
  });
});
