/** A request to the Anthropic Messages API. Pure but for the files, which are loaded before. */
import type Anthropic from "@anthropic-ai/sdk";
import { assertNever } from "../../../party/protocol/assert.ts";
import type { Carried, FilePart } from "../carry.ts";
import { inputObject, type Turn, type UserPart, unseal } from "../conversation.ts";
import type { Extras } from "../degrade.ts";
import type { Block, ModelRequest, ToolDescription } from "../model.ts";
import { outputLimit, thinkingOf } from "./families.ts";

type Param = Anthropic.ContentBlockParam;
type Params = Anthropic.MessageCreateParamsStreaming;

/** Marks where the provider may keep what it has read so far: the next turn begins with the same. Five minutes. */
const CACHED = { cache_control: { type: "ephemeral" } } as const;
/** Ends of messages that are marked: the newest, and the one that the request before had as its newest. */
const CACHED_MESSAGES = 2;

/**
 * @param own id of the model, as it sealed what it wants back
 * @param carried what becomes of each file
 */
export function anthropicRequest(
  { model, own }: { model: string; own: string },
  { system, tools }: Pick<ModelRequest, "system" | "tools">,
  turns: readonly Turn[],
  carried: ReadonlyMap<FilePart, Carried>,
  extras: Extras,
): Params {
  const ids = wireIds(own, turns);
  const messages = turns.flatMap((turn): Anthropic.MessageParam[] => {
    const content =
      turn.role === "user"
        ? turn.parts.map((part) => userBlock(part, carried, ids))
        : turn.blocks.flatMap((block) => assistantBlock(own, block, ids));
    return content.length === 0 ? [] : [{ role: turn.role, content }];
  });
  markCached(messages);
  const offered = extras.tools ? tools.map(toolParam) : [];
  const lastTool = offered.at(-1);
  if (lastTool) Object.assign(lastTool, CACHED);
  const thinking = extras.thinking ? thinkingOf(model, canThinkOn(own, turns)) : undefined;
  return {
    model,
    max_tokens: outputLimit(model),
    stream: true,
    ...(system && { system: [{ type: "text", text: system, ...CACHED }] }),
    messages,
    ...(offered.length > 0 && { tools: offered }),
    ...(thinking && { thinking }),
  };
}

function toolParam({ name, description, inputSchema }: ToolDescription): Anthropic.Tool {
  return { name, description, input_schema: { ...inputSchema, type: "object" } };
}

/** The ids of calls as the provider knows them; those of other models are ours. */
function wireIds(own: string, turns: readonly Turn[]): Map<string, string> {
  const ids = new Map<string, string>();
  for (const turn of turns) {
    if (turn.role !== "assistant") continue;
    for (const block of turn.blocks) {
      if (block.kind !== "tool_call") continue;
      const id = unseal(own, block)?.id;
      ids.set(block.call, typeof id === "string" ? id : block.call);
    }
  }
  return ids;
}

function userBlock(part: UserPart, carried: ReadonlyMap<FilePart, Carried>, ids: ReadonlyMap<string, string>): Param {
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text };
    case "result":
      return { type: "tool_result", tool_use_id: ids.get(part.call) ?? part.call, content: part.text, is_error: !part.ok };
    case "file":
      return fileBlock(part, carried.get(part));
    default:
      return assertNever(part);
  }
}

function fileBlock({ attached }: FilePart, carried: Carried | undefined): Param {
  if (carried?.kind !== "data") return { type: "text", text: carried?.text ?? "(The file is not shown here.)" };
  const { base64: data } = carried;
  switch (carried.mime) {
    case "image/jpeg":
    case "image/png":
    case "image/gif":
    case "image/webp":
      return { type: "image", source: { type: "base64", media_type: carried.mime, data } };
    default:
      return { type: "document", title: attached.name, source: { type: "base64", media_type: "application/pdf", data } };
  }
}

/** Thoughts go back only with their signature, to the model that signed them, word for word. */
function assistantBlock(own: string, block: Block, ids: ReadonlyMap<string, string>): Param[] {
  const sealed = unseal(own, block);
  switch (block.kind) {
    case "text":
      return block.text.trim() === "" ? [] : [{ type: "text", text: block.text }];
    case "thinking":
      if (typeof sealed?.redacted === "string") return [{ type: "redacted_thinking", data: sealed.redacted }];
      if (typeof sealed?.signature !== "string") return [];
      return [{ type: "thinking", thinking: block.text, signature: sealed.signature }];
    case "tool_call":
      return [{ type: "tool_use", id: ids.get(block.call) ?? block.call, name: block.name, input: inputObject(block.input) }];
    default:
      return assertNever(block);
  }
}

function markCached(messages: Anthropic.MessageParam[]): void {
  for (const { content } of messages.filter(({ role }) => role === "user").slice(-CACHED_MESSAGES)) {
    const last = typeof content === "string" ? undefined : content.at(-1);
    // The blocks of a user's message can all be marked.
    if (last) Object.assign(last, CACHED);
  }
}

/**
 * False while a round of calls is open that this model did not begin with a thought of its own: the older way of thinking
 * wants each round to begin with one.
 */
function canThinkOn(own: string, turns: readonly Turn[]): boolean {
  const last = turns.findLast((turn) => turn.role === "assistant");
  if (!last?.blocks.some(({ kind }) => kind === "tool_call")) return true;
  const [first] = last.blocks;
  return first?.kind === "thinking" && unseal(own, first) !== undefined;
}
