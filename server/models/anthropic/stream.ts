/** The events of the Anthropic Messages API as deltas of a turn. */
import type Anthropic from "@anthropic-ai/sdk";
import type { ModelPrice } from "../access.ts";
import { isRecord, seal } from "../conversation.ts";
import { NO_TOKENS, type Tokens, usageDelta } from "../cost.ts";
import { modelFailure } from "../failures.ts";
import type { ModelDelta } from "../model.ts";

type Event = Anthropic.RawMessageStreamEvent;

type OpenBlock = {
  /** what the provider wants back */
  kept: Record<string, string>;
  /** arguments that came whole, with the block's beginning */
  whole: string | undefined;
  /** something of the arguments has arrived */
  grown: boolean;
};

/** Reads one streamed turn. @param own id of the model, which seals what it wants back */
export async function* anthropicDeltas(
  own: string,
  price: ModelPrice | undefined,
  events: AsyncIterable<Event>,
): AsyncGenerator<ModelDelta> {
  const open = new Map<number, OpenBlock>();
  let tokens: Tokens = NO_TOKENS;
  let stop: Extract<ModelDelta, { type: "stop" }> | undefined;
  for await (const event of events) {
    switch (event.type) {
      case "message_start":
        tokens = tokensOf(event.message.usage, tokens);
        yield usageDelta(tokens, price);
        break;
      case "content_block_start":
        yield* started(event, open);
        break;
      case "content_block_delta":
        yield* grown(event, open);
        break;
      case "content_block_stop": {
        const block = open.get(event.index);
        if (!block) break;
        open.delete(event.index);
        if (block.whole !== undefined && !block.grown) yield { type: "block.delta", index: event.index, text: block.whole };
        const kept = Object.keys(block.kept).length > 0 ? { private: seal(own, block.kept) } : {};
        yield { type: "block.end", index: event.index, ...kept };
        break;
      }
      case "message_delta":
        tokens = tokensOf(event.usage, tokens);
        yield usageDelta(tokens, price);
        stop = { type: "stop", stop: stopOf(event.delta.stop_reason) };
        break;
      case "message_stop":
        break;
      default:
        break;
    }
  }
  // A stream that ends without its reason was cut by something in between that closed it politely.
  yield stop ?? { type: "error", failure: modelFailure("cut") };
}

function* started(
  { index, content_block: block }: Anthropic.RawContentBlockStartEvent,
  open: Map<number, OpenBlock>,
): Generator<ModelDelta> {
  const begin = (kept: Record<string, string>, whole?: string): void => {
    open.set(index, { kept, whole, grown: false });
  };
  switch (block.type) {
    case "text":
      begin({});
      yield { type: "block.start", index, kind: "text" };
      if (block.text) yield { type: "block.delta", index, text: block.text };
      break;
    case "thinking":
      begin(block.signature ? { signature: block.signature } : {});
      yield { type: "block.start", index, kind: "thinking" };
      if (block.thinking) yield { type: "block.delta", index, text: block.thinking };
      break;
    case "redacted_thinking":
      begin({ redacted: block.data });
      yield { type: "block.start", index, kind: "thinking" };
      break;
    case "tool_use":
      begin({ id: block.id }, JSON.stringify(isRecord(block.input) ? block.input : {}));
      yield { type: "block.start", index, kind: "tool_call", name: block.name };
      break;
    default:
      // Tools that run at the provider are never asked for.
      break;
  }
}

function* grown({ index, delta }: Anthropic.RawContentBlockDeltaEvent, open: Map<number, OpenBlock>): Generator<ModelDelta> {
  const block = open.get(index);
  if (!block) return;
  switch (delta.type) {
    case "text_delta":
      yield { type: "block.delta", index, text: delta.text };
      break;
    case "thinking_delta":
      yield { type: "block.delta", index, text: delta.thinking };
      break;
    case "signature_delta":
      block.kept.signature = (block.kept.signature ?? "") + delta.signature;
      break;
    case "input_json_delta":
      if (delta.partial_json === "") break;
      block.grown = true;
      yield { type: "block.delta", index, text: delta.partial_json };
      break;
    default:
      break;
  }
}

type Reported = Partial<Anthropic.Usage> | Partial<Anthropic.MessageDeltaUsage>;

/** A later report replaces what it names; some servers name nothing. */
function tokensOf(reported: Reported | null | undefined, before: Tokens): Tokens {
  const thinking = reported?.output_tokens_details?.thinking_tokens;
  return {
    fresh: reported?.input_tokens ?? before.fresh,
    cached: reported?.cache_read_input_tokens ?? before.cached,
    cacheWrite: reported?.cache_creation_input_tokens ?? before.cacheWrite,
    output: reported?.output_tokens ?? before.output,
    thinking: thinking ?? before.thinking,
  };
}

function stopOf(reason: Anthropic.StopReason | null): Extract<ModelDelta, { type: "stop" }>["stop"] {
  switch (reason) {
    case "tool_use":
      return "tools";
    case "max_tokens":
      return "length";
    case "refusal":
      return "refusal";
    case "pause_turn":
      return "pause";
    default:
      return reason === "model_context_window_exceeded" ? "length" : "end";
  }
}
