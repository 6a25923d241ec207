import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASK_PERSON, type Message, type ToolDescription } from "../model.ts";
import { nextTurn } from "./player.ts";
import { parseScript } from "./script.ts";

const user = (text: string): Message => ({ kind: "user", text, by: "Ana", via: "prompt" });
const naming = (text: string, ...bodies: string[]): Message => {
  return { kind: "user", text, by: "Ana", via: "prompt", skills: bodies.map((body, n) => ({ name: `skill-${n}`, body })) };
};
const turnOf = (messages: Message[]) => nextTurn({ messages, tools: [], skills: [] });
const assistant: Message = { kind: "assistant", blocks: [], stop: "end" };
const result: Message = { kind: "result", call: "call_1", ok: true, text: "done" };
const saidBy = (messages: Message[]) => turnOf(messages).turn.plays.map((play) => ("text" in play ? play.text : play.kind));
const tool = (name: string): ToolDescription => ({ name, description: "", inputSchema: {} });

describe("nextTurn", () => {
  it("plays the turns of a script one after the other, then says nothing more", () => {
    const prompt = user("@say one\n@tool a\n@say two");
    expect(turnOf([prompt])).toMatchObject({ last: false });
    expect(saidBy([prompt])).toEqual(["one", "tool"]);
    expect(turnOf([prompt, assistant, result])).toMatchObject({ last: true });
    expect(saidBy([prompt, assistant, result])).toEqual(["two"]);
    expect(saidBy([prompt, assistant, result, assistant])).toEqual([]);
  });

  it("plays merged prompts in the order they came", () => {
    const prompts = [user("@say one\n@then\n@say two"), user("@say three")];
    expect(saidBy(prompts)).toEqual(["one"]);
    expect(saidBy([...prompts, assistant, assistant])).toEqual(["three"]);
  });

  it("plays the script of a steer next and then goes on with what was left", () => {
    const messages = [user("@say one\n@then\n@say two"), assistant, user("@say steered")];
    expect(saidBy(messages)).toEqual(["steered"]);
    expect(saidBy([...messages, assistant])).toEqual(["two"]);
  });

  it("is not thrown off its script by plain words", () => {
    expect(saidBy([user("@say one\n@then\n@say two"), assistant, user("hurry up")])).toEqual(["two"]);
  });

  it("answers plain words honestly: it names them, says it is a rehearsal and claims nothing", () => {
    const tools = [tool("read_file"), tool(ASK_PERSON)];
    const { turn, last } = nextTurn({ messages: [user("Write the report")], tools, skills: [] });
    expect(last).toBe(true);
    const [play] = turn.plays;
    const text = play && "text" in play ? play.text : "";
    expect(text).toContain("This is a rehearsal");
    expect(text).toContain("nothing of what follows has been done");
    expect(text).toContain("“Write the report”");
    expect(text).not.toContain("command");
  });

  it("answers a follow-up in plain words once, after its script is used up", () => {
    const messages = [user("@say one"), assistant, user("and now?")];
    expect(saidBy(messages)[0]).toContain("“and now?”");
    expect(saidBy([...messages, assistant])).toEqual([]);
  });

  it("plays every turn of every script exactly once, wherever the steers come", () => {
    const script = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 5 });
    const steers = fc.array(fc.record({ after: fc.nat(12), lines: script }), { maxLength: 4 });
    fc.assert(
      fc.property(script, steers, (lines, later) => {
        const text = (turns: string[]) => turns.map((line) => `@say ${line}`).join("\n@then\n");
        const messages: Message[] = [user(text(lines))];
        const waiting = [...later];
        const played: string[] = [];
        for (let turn = 0; turn < 100; turn++) {
          for (const steer of waiting.filter((one) => one.after === turn)) messages.push(user(text(steer.lines)));
          const next = turnOf(messages);
          played.push(...next.turn.plays.flatMap((play) => ("text" in play ? [play.text] : [])));
          messages.push(assistant);
        }
        const heard = [lines, ...later.map((steer) => steer.lines)].flat();
        expect(played.toSorted()).toEqual(heard.toSorted());
      }),
    );
  });

  it("depends on the history alone", () => {
    const history = fc.array(
      fc.oneof(
        fc.constant(assistant),
        fc.string().map((text) => user(`@say ${text}`)),
        fc.constant(result),
      ),
    );
    fc.assert(
      fc.property(history, (messages) => {
        expect(turnOf(structuredClone(messages))).toEqual(turnOf(messages));
      }),
    );
  });

  it("plays a skill that the message names exactly as if its script stood in the message", () => {
    const word = fc.constantFrom(
      "@say hi",
      "@think hm",
      "@tool a {}",
      "@then",
      "@ask Which?",
      "@fail overloaded",
      "@slow 3 5",
      "words",
    );
    const history = fc.array(fc.oneof(fc.constant(assistant), fc.constant(result), fc.array(word, { minLength: 1 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(history, (items) => {
        const told = (say: (script: string) => Message) =>
          items.map((item) => (Array.isArray(item) ? say(item.join("\n")) : item));
        const scripted = (script: string) => /^@/m.test(script);
        const written = told((script) => user(scripted(script) ? script : "Please"));
        const named = told((script) => naming("Please", script));
        expect(turnOf(named)).toEqual(turnOf(written));
      }),
    );
  });

  it("plays the skills a message names one after the other", () => {
    const prompt = naming("Look, then tell", "@tool a", "@tool b\n@say told");
    expect(saidBy([prompt])).toEqual(["tool"]);
    expect(saidBy([prompt, assistant])).toEqual(["tool"]);
    expect(saidBy([prompt, assistant, assistant])).toEqual(["told"]);
  });

  it("follows the message's own directives before a skill's", () => {
    const prompt = naming("@say mine", "@say the skill's");
    expect(saidBy([prompt])).toEqual(["mine"]);
    expect(saidBy([prompt, assistant])).toEqual([]);
  });

  it("answers honestly when the skill it was given holds no script", () => {
    expect(saidBy([naming("Draw /a-map", "Draw it by hand.")])[0]).toContain("“Draw /a-map”");
  });

  it("names a skill that can be tried, where there is one", () => {
    const skills = [{ name: "rehearse-a-file", description: "" }];
    const { turn } = nextTurn({ messages: [user("Help")], tools: [], skills });
    expect(turn.plays).toMatchObject([{ text: expect.stringContaining("such as `/rehearse-a-file`.") }]);
    expect(saidBy([user("Help")])[0]).not.toContain("/");
  });

  it("says whether more of the script waits", () => {
    const prompt = user("@say one\n@then\n@say two\n@then\n@say three");
    const turns = parseScript("@say one\n@then\n@say two\n@then\n@say three").length;
    const lasts = Array.from({ length: turns }, (_, done) => turnOf([prompt, ...Array(done).fill(assistant)]).last);
    expect(lasts).toEqual([false, false, true]);
  });
});
