/** What is to become of a call the model made: refused with a sentence, asked of a person, or run. Pure. */
import { z } from "zod";
import type { ToolPolicyConfig } from "../../../party/protocol/agent.ts";
import { canonicalJson } from "../../../party/protocol/digest.ts";
import { ASK_PERSON, type ToolCallBlock, type ToolDescription } from "../../models/model.ts";
import type { AnyTool, ToolContext, ToolOutcome } from "../../tools/tool.ts";
import { jsonBytes } from "../fit.ts";
import { type PolicySubject, toolPolicy } from "../policy.ts";

type Risk = PolicySubject["risk"];

/** bytes of arguments; an approval shows them in full and a person reads them */
const INPUT_BYTES = 60_000;

/** levels of arguments; far above what any tool takes */
const INPUT_DEPTH = 100;

/** A tool that may run, with arguments that passed its schema. */
export type Runnable = {
  name: string;
  /** canonical JSON, as shown, digested and run */
  input: string;
  risk: Risk;
  repeatable: boolean;
  run(context: ToolContext): Promise<ToolOutcome>;
};

export type CallPlan =
  /** never runs; `why` is for the model and for people */
  | { kind: "refuse"; policy: "auto" | "deny"; risk: Risk; input: string; why: string }
  | { kind: "question"; question: string; options: string[] }
  | { kind: "bad_question"; why: string }
  | { kind: "run"; policy: "auto" | "ask"; tool: Runnable };

/** The tools of a run under its agent's policy. */
export type Toolbox = {
  /** what the model is told of */
  offered: ToolDescription[];
  plan(call: Pick<ToolCallBlock, "name" | "input">): CallPlan;
};

const askPerson = z.object({
  question: z.string().trim().min(1).max(4_000).describe("the question, in one or two sentences"),
  options: z.array(z.string().min(1).max(200)).max(20).default([]).describe("answers to choose from; free words are allowed too"),
});

const ASK_PERSON_TOOL: ToolDescription = {
  name: ASK_PERSON,
  description: "Asks the people of the company something and waits for the answer. For what only they can know or decide.",
  inputSchema: z.toJSONSchema(askPerson, { io: "input" }),
};

/**
 * The toolbox of a run.
 * @param unconfined names of tools that run commands where no sandbox exists
 */
export function toolbox(tools: readonly AnyTool[], config: ToolPolicyConfig, unconfined: ReadonlySet<string>): Toolbox {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const policyOf = (tool: AnyTool) =>
    toolPolicy({ name: tool.name, risk: tool.risk, unconfined: unconfined.has(tool.name) }, config);
  const allowed = tools.filter((tool) => policyOf(tool) !== "deny");
  const offered = [...allowed.map(describe), ASK_PERSON_TOOL];

  return {
    offered,
    plan(call) {
      if (call.name === ASK_PERSON) return planQuestion(call.input);
      const tool = byName.get(call.name);
      const refuse = (policy: "auto" | "deny", why: string): CallPlan => ({
        kind: "refuse",
        policy,
        risk: tool?.risk ?? "unknown",
        input: shownInput(call.input),
        why,
      });
      if (!tool) {
        const names = offered.map((known) => known.name).join(", ");
        return refuse("deny", `There is no tool named “${call.name.slice(0, 100)}”. The tools are: ${names}.`);
      }
      const policy = policyOf(tool);
      if (policy === "deny") return refuse("deny", `This agent may not use ${tool.name}. An admin can change its tools.`);
      if (jsonBytes(call.input) > INPUT_BYTES) {
        return refuse("auto", `The arguments of ${tool.name} are longer than ${INPUT_BYTES} bytes. Do it in smaller steps.`);
      }
      const parsed = parseInput(tool, call.input);
      return typeof parsed === "string" ? refuse("auto", parsed) : { kind: "run", policy, tool: parsed };
    },
  };
}

function describe(tool: AnyTool): ToolDescription {
  return { name: tool.name, description: tool.description, inputSchema: { ...tool.inputSchema } };
}

/** Arguments checked by the tool, or a sentence that says what is wrong with them. */
function parseInput(tool: AnyTool, text: string): Runnable | string {
  const json = readJson(text);
  if (json === undefined) return `The arguments of ${tool.name} are not valid JSON. Send one JSON object.`;
  const parsed = tool.parse(json);
  if (!parsed.ok) return parsed.message;
  const { name, risk, repeatable } = tool;
  return { name, risk, repeatable, input: canonicalJson(parsed.input), run: parsed.run };
}

function planQuestion(input: string): CallPlan {
  const parsed = askPerson.safeParse(readJson(input));
  return parsed.success
    ? { kind: "question", ...parsed.data }
    : { kind: "bad_question", why: `The question is not valid. ${z.prettifyError(parsed.error)}` };
}

/** The arguments as an event shows them: canonical where they are JSON, as written where not. */
export function shownInput(text: string): string {
  const json = readJson(text);
  return json === undefined ? text : canonicalJson(json);
}

/** The value of a JSON text; undefined for anything else, also for what nests deeper than code can safely walk. */
function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return fitsDepth(value, INPUT_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}

function fitsDepth(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => fitsDepth(item, levels - 1));
}
