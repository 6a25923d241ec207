/** A request to the Gemini API. Pure but for the files, which are loaded before. */
import type { Content, GenerateContentParameters, Part } from "@google/genai";
import { assertNever } from "../../../party/protocol/assert.ts";
import type { Carried, FilePart } from "../carry.ts";
import { inputObject, isRecord, type Turn, type UserPart, unseal } from "../conversation.ts";
import type { Extras } from "../degrade.ts";
import type { Block, ModelRequest, ToolDescription } from "../model.ts";

/** Models that think and may tell what; the others refuse to be asked. */
const THINKS = /^(?:models\/)?gemini-(?:2\.5|[3-9])/;
/** Models that refuse a call of theirs without its signature. */
const SIGNS = /^(?:models\/)?gemini-[3-9]/;
/** What the API takes in place of a signature for a call that another model made. */
const NOT_SIGNED = "skip_thought_signature_validator";

/** Where the pieces of a block's text end that came as parts of their own, with the signature of each. */
export type PieceMark = { end: number; signature?: string };

export function geminiRequest(
  { model, own }: { model: string; own: string },
  { system, tools }: Pick<ModelRequest, "system" | "tools">,
  turns: readonly Turn[],
  carried: ReadonlyMap<FilePart, Carried>,
  extras: Extras,
): GenerateContentParameters {
  const names = new Map<string, CallName>();
  const contents = turns.flatMap((turn): Content[] => {
    const parts =
      turn.role === "user"
        ? turn.parts.map((part) => userPart(part, carried, names))
        : modelParts(own, turn.blocks, SIGNS.test(model), names);
    return parts.length === 0 ? [] : [{ role: turn.role === "user" ? "user" : "model", parts }];
  });
  const declarations = extras.tools ? tools.map(declaration) : [];
  return {
    model,
    contents,
    config: {
      ...(system && { systemInstruction: system }),
      ...(declarations.length > 0 && { tools: [{ functionDeclarations: declarations }] }),
      ...(extras.thinking && THINKS.test(model) && { thinkingConfig: { includeThoughts: true } }),
      // Calls run in the loop, past its policy never.
      automaticFunctionCalling: { disable: true },
    },
  };
}

function declaration({ name, description, inputSchema }: ToolDescription) {
  const { $schema: _, ...parametersJsonSchema } = inputSchema;
  return { name, description, parametersJsonSchema };
}

type CallName = { id: string | undefined; name: string };

function userPart(part: UserPart, carried: ReadonlyMap<FilePart, Carried>, names: ReadonlyMap<string, CallName>): Part {
  switch (part.kind) {
    case "text":
      return { text: part.text };
    case "result": {
      const { id, name } = names.get(part.call) ?? { id: undefined, name: part.name };
      const response = part.ok ? { output: part.text } : { error: part.text };
      return { functionResponse: { ...(id !== undefined && { id }), name, response } };
    }
    case "file": {
      const file = carried.get(part);
      if (file?.kind === "data") return { inlineData: { mimeType: file.mime, data: file.base64 } };
      return { text: file?.text ?? "(The file is not shown here.)" };
    }
    default:
      return assertNever(part);
  }
}

function modelParts(own: string, blocks: readonly Block[], signs: boolean, names: Map<string, CallName>): Part[] {
  let calls = 0;
  return blocks.flatMap((block): Part[] => {
    const sealed = unseal(own, block);
    switch (block.kind) {
      case "text":
      case "thinking":
        return textParts(block, sealed);
      case "tool_call": {
        const id = typeof sealed?.id === "string" ? sealed.id : undefined;
        names.set(block.call, { id, name: block.name });
        const functionCall = { ...(id !== undefined && { id }), name: block.name, args: inputObject(block.input) };
        const isFirst = calls++ === 0;
        const given = typeof sealed?.signature === "string" ? sealed.signature : undefined;
        const thoughtSignature = given ?? (signs && isFirst && !sealed ? NOT_SIGNED : undefined);
        return [{ functionCall, ...(thoughtSignature !== undefined && { thoughtSignature }) }];
      }
      default:
        return assertNever(block);
    }
  });
}

/** A text as the parts it came in, as far as they were signed. Thoughts of other models are left out. */
function textParts(
  { kind, text }: Extract<Block, { kind: "text" | "thinking" }>,
  sealed: Record<string, unknown> | undefined,
): Part[] {
  if (kind === "thinking" && !sealed) return [];
  const parts: Part[] = [];
  let at = 0;
  for (const { end, signature } of [...marksOf(sealed), { end: text.length, signature: undefined }]) {
    const piece = text.slice(at, end);
    at = Math.max(at, end);
    if (piece === "" && signature === undefined) continue;
    parts.push({
      text: piece,
      ...(kind === "thinking" && { thought: true }),
      ...(signature !== undefined && { thoughtSignature: signature }),
    });
  }
  return parts;
}

function marksOf(sealed: Record<string, unknown> | undefined): PieceMark[] {
  const marks = sealed?.pieces;
  if (!Array.isArray(marks)) return [];
  return marks.flatMap((mark: unknown): PieceMark[] => {
    if (!isRecord(mark) || typeof mark.end !== "number") return [];
    return [{ end: mark.end, ...(typeof mark.signature === "string" && { signature: mark.signature }) }];
  });
}
