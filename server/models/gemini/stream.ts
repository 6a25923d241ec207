/** The chunks of a Gemini stream as deltas of a turn. */
import type { GenerateContentResponse, GenerateContentResponseUsageMetadata, Part } from "@google/genai";
import type { ModelPrice } from "../access.ts";
import { seal } from "../conversation.ts";
import { type Tokens, usageDelta } from "../cost.ts";
import { modelFailure } from "../failures.ts";
import type { ModelDelta } from "../model.ts";
import type { PieceMark } from "./request.ts";

type Writing = { index: number; kind: "text" | "thinking"; chars: number; pieces: PieceMark[] };

/** Reads one streamed turn. @param own id of the model, which seals what it wants back */
export async function* geminiDeltas(
  own: string,
  price: ModelPrice | undefined,
  chunks: AsyncIterable<GenerateContentResponse>,
): AsyncGenerator<ModelDelta> {
  const writer = new Writer(own);
  let end: ModelDelta | undefined;
  for await (const chunk of chunks) {
    if (chunk.usageMetadata) yield usageDelta(tokensOf(chunk.usageMetadata), price);
    // A prompt that may not be answered has no candidates.
    if (chunk.promptFeedback?.blockReason) end ??= { type: "stop", stop: "refusal" };
    const [candidate] = chunk.candidates ?? [];
    for (const part of candidate?.content?.parts ?? []) yield* writer.take(part);
    if (candidate?.finishReason) end = endOf(candidate.finishReason, writer.hasCalled);
  }
  yield* writer.close();
  yield end ?? { type: "error", failure: modelFailure("cut") };
}

/** Makes blocks of parts: text goes on in one block until another kind comes. */
class Writer {
  readonly #own: string;
  #writing: Writing | undefined;
  #next = 0;
  hasCalled = false;

  constructor(own: string) {
    this.#own = own;
  }

  *take(part: Part): Generator<ModelDelta> {
    const { functionCall, thoughtSignature } = part;
    if (functionCall) {
      yield* this.close();
      this.hasCalled = true;
      const index = this.#next++;
      const { id, name = "", args } = functionCall;
      yield { type: "block.start", index, kind: "tool_call", name };
      yield { type: "block.delta", index, text: JSON.stringify(args ?? {}) };
      const kept = { ...(id && { id }), ...(thoughtSignature && { signature: thoughtSignature }) };
      yield { type: "block.end", index, private: seal(this.#own, kept) };
      return;
    }
    if (part.text === undefined || (part.text === "" && !thoughtSignature)) return;
    const kind = part.thought ? "thinking" : "text";
    // A signature alone belongs to what was said before it.
    const belongs = this.#writing && (this.#writing.kind === kind || part.text === "");
    if (!belongs) yield* this.close();
    if (!this.#writing) {
      this.#writing = { index: this.#next++, kind, chars: 0, pieces: [] };
      yield { type: "block.start", index: this.#writing.index, kind };
    }
    const writing = this.#writing;
    // What is signed is a part of its own: what came before it must not be joined to it.
    if (thoughtSignature && part.text !== "" && writing.chars > 0) writing.pieces.push({ end: writing.chars });
    writing.chars += part.text.length;
    if (part.text !== "") yield { type: "block.delta", index: writing.index, text: part.text };
    if (thoughtSignature) writing.pieces.push({ end: writing.chars, signature: thoughtSignature });
  }

  *close(): Generator<ModelDelta> {
    const writing = this.#writing;
    if (!writing) return;
    this.#writing = undefined;
    const { index, kind, pieces } = writing;
    const kept = kind === "thinking" || pieces.length > 0 ? { private: seal(this.#own, { pieces }) } : {};
    yield { type: "block.end", index, ...kept };
  }
}

/** The prompt counts what came from the cache; the candidates do not count the thoughts. */
function tokensOf(reported: GenerateContentResponseUsageMetadata): Tokens {
  const { promptTokenCount = 0, cachedContentTokenCount = 0, candidatesTokenCount = 0 } = reported;
  const { thoughtsTokenCount: thinking = 0, toolUsePromptTokenCount = 0 } = reported;
  return {
    fresh: Math.max(0, promptTokenCount - cachedContentTokenCount) + toolUsePromptTokenCount,
    cached: cachedContentTokenCount,
    cacheWrite: 0,
    output: candidatesTokenCount + thinking,
    thinking,
  };
}

/** Reasons by which the provider holds an answer back. */
const REFUSALS: ReadonlySet<string> = new Set([
  "SAFETY",
  "RECITATION",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "LANGUAGE",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);
/** Reasons that say the model wrote something nobody can read. */
const GARBLED: ReadonlySet<string> = new Set(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE", "OTHER"]);

function endOf(reason: string, hasCalled: boolean): ModelDelta {
  if (REFUSALS.has(reason)) return { type: "stop", stop: "refusal" };
  if (GARBLED.has(reason)) return { type: "error", failure: modelFailure("malformed") };
  if (reason === "MAX_TOKENS") return { type: "stop", stop: "length" };
  return { type: "stop", stop: hasCalled ? "tools" : "end" };
}
