/** A fake of the Anthropic Messages API: `/v1/messages` as a stream, `/v1/messages/count_tokens`, `/v1/models`. */
import { cutInto } from "../../../server/models/rehearsal/script.ts";
import type { Heard, Said } from "./brain.ts";
import {
  type FakeModelServer,
  type FakeOptions,
  type Frame,
  fakeId,
  type Json,
  type Protocol,
  records,
  startFake,
  stopOf,
  text,
  tokens,
} from "./server.ts";

const STOPS = { end: "end_turn", tools: "tool_use", length: "max_tokens", refusal: "refusal", pause: "pause_turn" } as const;
const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};

export function startFakeAnthropic(options: FakeOptions = {}): Promise<FakeModelServer> {
  return startFake(PROTOCOL, options);
}

const PROTOCOL: Protocol = {
  name: "anthropic",
  defaultModels: ["claude-opus-4-8", "claude-sonnet-5", "claude-haiku-4-5"],
  // The SDK sends it as a bearer, everything else in a header of its own; the API takes both.
  keyOf: ({ headers }) => text(headers["x-api-key"]) || /^Bearer (.+)$/.exec(text(headers.authorization))?.[1],
  isTurn: ({ method, path }) => method === "POST" && path === "/v1/messages",
  asked: ({ body }) => ({
    model: text(body.model),
    system: typeof body.system === "string" ? body.system : textsOf(body.system),
    messages: records(body.messages).flatMap(heardIn),
    tools: records(body.tools).map(({ name }) => text(name)),
  }),
  other({ method, path, body }, models) {
    if (method === "POST" && path === "/v1/messages/count_tokens") return { input_tokens: tokens(JSON.stringify(body)) };
    if (method !== "GET" || path !== "/v1/models") return undefined;
    const data = models.map((id) => ({ type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" }));
    return { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
  },
  error: (status, code, message) => ({
    type: "error",
    error: { type: TYPES[status] ?? code ?? "api_error", message },
    request_id: fakeId("req"),
  }),
  frames(spoken, { body }, usage, chunks) {
    const counts = {
      input_tokens: usage.input,
      cache_creation_input_tokens: usage.cacheWrite ?? 0,
      cache_read_input_tokens: usage.cached ?? 0,
      service_tier: "standard",
    };
    const message = { id: fakeId("msg"), type: "message", role: "assistant", model: body.model, content: [] };
    const begun = { ...message, stop_reason: null, stop_sequence: null, usage: { ...counts, output_tokens: 1 } };
    return [
      event("message_start", { message: begun }),
      event("ping", {}),
      ...spoken.says.flatMap((said, index) => blockFrames(said, index, chunks)),
      event("message_delta", {
        delta: { stop_reason: STOPS[stopOf(spoken)], stop_sequence: null },
        usage: { output_tokens: usage.output },
      }),
      event("message_stop", {}),
    ];
  },
  errorFrame: (code, message) => event("error", { error: { type: code, message } }),
  end: "",
};

function event(type: string, data: Json): Frame {
  return { text: `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n` };
}

function blockFrames(said: Said, index: number, chunks: number): Frame[] {
  const delta = (fields: Json): Frame => event("content_block_delta", { index, delta: fields });
  const framed = (block: Json, deltas: Frame[]): Frame[] => [
    event("content_block_start", { index, content_block: block }),
    ...deltas,
    event("content_block_stop", { index }),
  ];
  switch (said.kind) {
    case "text":
      return framed(
        { type: "text", text: "" },
        cutInto(said.text, chunks).map((piece) => delta({ type: "text_delta", text: piece })),
      );
    case "thinking": {
      const pieces = cutInto(said.text, chunks).map((piece) => delta({ type: "thinking_delta", thinking: piece }));
      const signature = delta({ type: "signature_delta", signature: said.signature ?? "c2lnbmF0dXJl" });
      return framed({ type: "thinking", thinking: "", signature: "" }, [...pieces, signature]);
    }
    case "tool":
      return framed(
        { type: "tool_use", id: said.id ?? fakeId("toolu"), name: said.name, input: {} },
        cutInto(said.input, chunks).map((piece) => delta({ type: "input_json_delta", partial_json: piece })),
      );
  }
}

/** The results of a user's message come before what the person says, as the protocol wants it. */
function heardIn({ role, content }: Json): Heard[] {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : records(content);
  const said = textsOf(blocks);
  if (role === "assistant") return [{ role, text: said }];
  const results = blocks.filter(({ type }) => type === "tool_result").map(resultOf);
  return said ? [...results, { role: "user", text: said }] : results;
}

function resultOf({ content, is_error }: Json): Heard {
  return { role: "result", text: typeof content === "string" ? content : textsOf(content), ok: is_error !== true };
}

function textsOf(blocks: unknown): string {
  return records(blocks)
    .filter(({ type }) => type === "text")
    .map((block) => text(block.text))
    .join("\n");
}
