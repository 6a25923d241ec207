/** The chunks of chat completions as deltas of a turn. Servers differ: every field may be missing. */
import { z } from "zod";
import type { ModelPrice } from "../access.ts";
import { seal } from "../conversation.ts";
import { type Tokens, usageDelta } from "../cost.ts";
import { modelFailure } from "../failures.ts";
import type { ModelDelta } from "../model.ts";
import { REASONING_FIELD } from "./request.ts";

const DONE = "[DONE]";
const count = z.number().nonnegative().catch(0);

const toolCall = z.object({
  index: z.number().int().nonnegative().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});
const chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
            tool_calls: z.array(toolCall).nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(undefined),
      completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(undefined),
      /** USD, as some gateways charge it */
      cost: z.number().nonnegative().nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
  error: z.unknown().optional(),
});
type Usage = NonNullable<z.infer<typeof chunk>["usage"]>;

/** An error that a server put into a stream it had begun. */
export class StreamedError extends Error {
  readonly body: unknown;

  constructor(body: unknown) {
    super("the stream holds an error");
    this.body = body;
  }
}

/**
 * Reads one streamed turn.
 * @param data of each event
 * @throws SyntaxError for what is not JSON or no chunk, StreamedError
 */
export async function* openaiDeltas(
  own: string,
  price: ModelPrice | undefined,
  data: AsyncIterable<string>,
): AsyncGenerator<ModelDelta> {
  const writer = new Writer(own);
  let finish: string | undefined;
  let done = false;
  for await (const text of data) {
    if (text.trim() === DONE) {
      done = true;
      break;
    }
    const read = chunk.safeParse(JSON.parse(text));
    if (!read.success) throw new SyntaxError("an event of the stream is no chunk of a chat completion");
    const { choices, usage, error } = read.data;
    if (error !== undefined && error !== null) throw new StreamedError(error);
    if (usage) yield usageDelta(tokensOf(usage), price, reportedCost(usage));
    const [choice] = choices ?? [];
    const delta = choice?.delta;
    if (delta?.reasoning_content) yield* writer.write("thinking", delta.reasoning_content, REASONING_FIELD);
    else if (delta?.reasoning) yield* writer.write("thinking", delta.reasoning, "reasoning");
    if (delta?.content) yield* writer.write("text", delta.content);
    if (delta?.refusal) yield* writer.write("text", delta.refusal);
    for (const call of delta?.tool_calls ?? []) yield* writer.call(call);
    finish = choice?.finish_reason ?? finish;
  }
  yield* writer.close();
  if (finish === undefined && !(done && writer.hasWritten)) yield { type: "error", failure: modelFailure("cut") };
  else yield { type: "stop", stop: stopOf(finish, writer.hasCalled) };
}

function stopOf(finish: string | undefined, hasCalled: boolean): Extract<ModelDelta, { type: "stop" }>["stop"] {
  if (finish === "length") return "length";
  if (finish === "content_filter") return "refusal";
  // Some servers say `stop` after calls too.
  return hasCalled ? "tools" : "end";
}

type Call = { index: number; key: number; id: string | undefined; begun: boolean; waiting: string };

/** Makes blocks of what arrives: text and thoughts one after the other, calls side by side. */
class Writer {
  readonly #own: string;
  #writing: { index: number; kind: "text" | "thinking"; field: string | undefined } | undefined;
  readonly #calls: Call[] = [];
  #next = 0;

  constructor(own: string) {
    this.#own = own;
  }

  get hasCalled(): boolean {
    return this.#calls.length > 0;
  }

  get hasWritten(): boolean {
    return this.#next > 0;
  }

  *write(kind: "text" | "thinking", text: string, field?: string): Generator<ModelDelta> {
    if (this.#writing?.kind !== kind) {
      yield* this.#endWriting();
      this.#writing = { index: this.#next++, kind, field };
      yield { type: "block.start", index: this.#writing.index, kind };
    }
    yield { type: "block.delta", index: this.#writing.index, text };
  }

  *call({ index, id, function: named }: z.infer<typeof toolCall>): Generator<ModelDelta> {
    yield* this.#endWriting();
    const call = this.#callFor(index ?? undefined, id ?? undefined);
    const written = argumentsText(named?.arguments);
    if (!call.begun && named?.name) {
      call.begun = true;
      call.index = this.#next++;
      yield { type: "block.start", index: call.index, kind: "tool_call", name: named.name };
      if (call.waiting) yield { type: "block.delta", index: call.index, text: call.waiting };
    }
    if (!call.begun) call.waiting += written;
    else if (written) yield { type: "block.delta", index: call.index, text: written };
  }

  *close(): Generator<ModelDelta> {
    yield* this.#endWriting();
    for (const { index, id, begun } of this.#calls) {
      if (!begun) continue;
      yield { type: "block.end", index, ...(id !== undefined && { private: seal(this.#own, { id }) }) };
    }
  }

  /** Servers tell calls apart by their place, by their id, or not at all: a new id is then a new call. */
  #callFor(key: number | undefined, id: string | undefined): Call {
    const last = this.#calls.at(-1);
    const sameId = id === undefined ? undefined : this.#calls.find((call) => call.id === id);
    const sameKey = key === undefined ? (id === undefined ? last : undefined) : this.#calls.findLast((call) => call.key === key);
    const isOther = sameKey?.id !== undefined && id !== undefined && id !== "" && sameKey.id !== id;
    const known = sameId ?? (isOther ? undefined : sameKey);
    if (known) {
      known.id ??= id || undefined;
      return known;
    }
    const call = { index: -1, key: key ?? this.#calls.length, id: id || undefined, begun: false, waiting: "" };
    this.#calls.push(call);
    return call;
  }

  *#endWriting(): Generator<ModelDelta> {
    const writing = this.#writing;
    if (!writing) return;
    this.#writing = undefined;
    const { index, field } = writing;
    yield { type: "block.end", index, ...(field !== undefined && { private: seal(this.#own, { field }) }) };
  }
}

/** Most servers stream JSON as text; some send the value. */
function argumentsText(given: unknown): string {
  if (typeof given === "string") return given;
  return given === undefined || given === null ? "" : JSON.stringify(given);
}

/** The prompt counts what came from the cache, the completion counts the reasoning. */
function tokensOf({ prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details }: Usage): Tokens {
  const cached = Math.min(prompt_tokens, prompt_tokens_details?.cached_tokens ?? 0);
  const thinking = completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    fresh: Math.round(prompt_tokens - cached),
    cached: Math.round(cached),
    cacheWrite: 0,
    output: Math.round(completion_tokens),
    thinking: Math.round(thinking),
  };
}

const MICRO_USD = 1_000_000;

function reportedCost({ cost }: Usage): number | undefined {
  return typeof cost === "number" ? Math.round(cost * MICRO_USD) : undefined;
}
