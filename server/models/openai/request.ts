/** A request to OpenAI-compatible chat completions. Pure but for the files, which are loaded before. */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { Carried, FilePart } from "../carry.ts";
import { inputObject, type Turn, type UserPart, unseal } from "../conversation.ts";
import type { Extras } from "../degrade.ts";
import type { Block, ModelRequest } from "../model.ts";

type Content =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string } }
  | { type: "file"; file: { filename: string; file_data: string } };
type ToolCall = { id: string; type: "function"; function: { name: string; arguments: string } };
export type ChatMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: string | Content[] }
  | { role: "assistant"; content: string | null; tool_calls?: ToolCall[]; reasoning_content?: string }
  | { role: "tool"; tool_call_id: string; content: string };

export type ChatRequest = {
  model: string;
  messages: ChatMessage[];
  tools?: { type: "function"; function: { name: string; description: string; parameters: Record<string, unknown> } }[];
  stream: true;
  stream_options: { include_usage: true };
};

export function openaiRequest(
  { model, own }: { model: string; own: string },
  { system, tools }: Pick<ModelRequest, "system" | "tools">,
  turns: readonly Turn[],
  carried: ReadonlyMap<FilePart, Carried>,
  extras: Extras,
): ChatRequest {
  const ids = new Map<string, string>();
  // Thoughts go back while their round of calls is open, to servers that send them: some models lose the thread without.
  const openRound = turns.findLastIndex((turn) => turn.role === "user" && turn.parts.every(({ kind }) => kind !== "result"));
  const messages = turns.flatMap((turn, at): ChatMessage[] =>
    turn.role === "user" ? userMessages(turn.parts, carried, ids) : [assistantMessage(own, turn.blocks, ids, at > openRound)],
  );
  return {
    model,
    messages: system ? [{ role: "system", content: system }, ...messages] : messages,
    ...(extras.tools && tools.length > 0 && { tools: tools.map(toolParam) }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function toolParam({ name, description, inputSchema }: ModelRequest["tools"][number]) {
  const { $schema: _, ...parameters } = inputSchema;
  return { type: "function" as const, function: { name, description, parameters } };
}

function userMessages(
  parts: readonly UserPart[],
  carried: ReadonlyMap<FilePart, Carried>,
  ids: ReadonlyMap<string, string>,
): ChatMessage[] {
  const results: ChatMessage[] = [];
  const said: Content[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case "text":
        said.push({ type: "text", text: part.text });
        break;
      case "file":
        said.push(fileContent(part, carried.get(part)));
        break;
      case "result": {
        const content = part.ok ? part.text : `This failed: ${part.text}`;
        results.push({ role: "tool", tool_call_id: ids.get(part.call) ?? part.call, content });
        break;
      }
      default:
        assertNever(part);
    }
  }
  if (said.length === 0) return results;
  // Plain text as a string: older servers know no lists of contents.
  const texts = said.flatMap((content) => (content.type === "text" ? [content.text] : []));
  const isText = texts.length === said.length;
  return [...results, { role: "user", content: isText ? texts.join("\n\n") : said }];
}

function fileContent({ attached }: FilePart, carried: Carried | undefined): Content {
  if (carried?.kind !== "data") return { type: "text", text: carried?.text ?? "(The file is not shown here.)" };
  const url = `data:${carried.mime};base64,${carried.base64}`;
  if (carried.mime.startsWith("image/")) return { type: "image_url", image_url: { url } };
  return { type: "file", file: { filename: attached.name, file_data: url } };
}

function assistantMessage(own: string, blocks: readonly Block[], ids: Map<string, string>, inOpenRound: boolean): ChatMessage {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const calls: ToolCall[] = [];
  for (const block of blocks) {
    const sealed = unseal(own, block);
    switch (block.kind) {
      case "text":
        texts.push(block.text);
        break;
      case "thinking":
        if (sealed?.field === REASONING_FIELD) thoughts.push(block.text);
        break;
      case "tool_call": {
        const id = typeof sealed?.id === "string" ? sealed.id : block.call;
        ids.set(block.call, id);
        // What the model wrote may be no JSON; many servers read it and would fail.
        const call = { name: block.name, arguments: JSON.stringify(inputObject(block.input)) };
        calls.push({ id, type: "function", function: call });
        break;
      }
      default:
        assertNever(block);
    }
  }
  return {
    role: "assistant",
    content: texts.join("\n\n") || (calls.length > 0 ? null : ""),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(inOpenRound && thoughts.length > 0 && { reasoning_content: thoughts.join("\n\n") }),
  };
}

/** The field of thoughts that some servers want back; others send theirs in `reasoning` and want nothing. */
export const REASONING_FIELD = "reasoning_content";
