/** What a tool is, what it is given, and what it answers. The run engine decides whether it may run. */
import { z } from "zod";
import { asRefusal } from "./refusal.ts";

/** What a call can do to the world. Policy and approvals are decided by it. */
export type Risk = "read" | "write" | "outward" | "spend" | "destroy" | "unknown";

/** What the run lends to one call. */
export interface ToolContext {
  /** absolute path of the agent's folder on this machine */
  workspace: string;
  /** aborts when the run is interrupted or loses its lease; everything the call started is then killed */
  signal: AbortSignal;
  /** live output for the people watching, at most ten times a second */
  progress(text: string): void;
  /** the run's own variables; nothing else of the runner's environment reaches a command */
  env: Record<string, string>;
}

/** A file that a call made, changed or removed; `added` and `removed` count lines. */
export interface FileChange {
  /** relative to the workspace */
  path: string;
  op: "added" | "changed" | "removed";
  added: number;
  removed: number;
  /** set when the counts are a lower bound, because comparing line by line would take too long */
  approximate?: true;
  /** set when nobody counted the lines: the change was found after the fact */
  uncounted?: true;
  /** id of the file that keeps this content, once it is kept */
  ref?: string;
}

export interface ToolOutcome {
  ok: boolean;
  /** full text for the model, at most `TOOL_LIMITS.outputChars` characters; a sentence says so when it was cut */
  output: string;
  truncated?: boolean;
  files?: FileChange[];
  exitCode?: number;
  /** the call was turned down before it changed anything */
  refused?: true;
}

export interface Tool<I> {
  name: string;
  /** for the model: what it does and what its limits are */
  description: string;
  input: z.ZodType<I>;
  risk: Risk;
  /** may be run again when it is unknown whether it ran */
  repeatable: boolean;
  run(input: I, context: ToolContext): Promise<ToolOutcome>;
}

/** Arguments that passed the tool's schema, ready to run. `input` is what an approval shows and digests. */
export type ParsedCall =
  | { ok: true; input: unknown; run(context: ToolContext): Promise<ToolOutcome> }
  | { ok: false; message: string };

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A tool of any input type: the type is sealed inside, and arguments enter only through `parse`. */
export interface AnyTool {
  name: string;
  description: string;
  /** JSON schema of the arguments, for models */
  inputSchema: JsonSchema;
  risk: Risk;
  repeatable: boolean;
  /** checks arguments that came from a model */
  parse(raw: unknown): ParsedCall;
}

/** Seals a tool's input type, so that tools of different inputs fit one list without casts. */
export function anyTool<I>(tool: Tool<I>): AnyTool {
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: z.toJSONSchema(tool.input),
    risk: tool.risk,
    repeatable: tool.repeatable,
    parse(raw) {
      const parsed = tool.input.safeParse(raw);
      if (!parsed.success)
        return { ok: false, message: `The arguments of ${tool.name} are not valid. ${z.prettifyError(parsed.error)}` };
      const input = parsed.data;
      return { ok: true, input, run: (context) => answerRefusals(() => tool.run(input, context)) };
    },
  };
}

/** A refusal or a failure of the disk is an answer the model can work with; anything else is a defect and is thrown. */
async function answerRefusals(run: () => Promise<ToolOutcome>): Promise<ToolOutcome> {
  try {
    return await run();
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal === undefined) throw error;
    return { ok: false, output: refusal.message, refused: true };
  }
}
