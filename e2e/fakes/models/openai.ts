/**
 * A fake of OpenAI-compatible chat completions, as Ollama, llama.cpp, vLLM and gateways serve them under `/v1`:
 * `/chat/completions` as a stream, `/models`, and Ollama's `/api/tags`.
 */
import { assertNever } from "../../../party/protocol/assert.ts";
import { cutInto } from "../../../server/models/rehearsal/script.ts";
import type { Heard, ReportedUsage, Said } from "./brain.ts";
import {
  type FakeModelServer,
  type FakeOptions,
  type Frame,
  fakeId,
  isRecord,
  type Json,
  type Protocol,
  records,
  startFake,
  stopOf,
  text,
} from "./server.ts";

const STOPS = { end: "stop", tools: "tool_calls", length: "length", refusal: "content_filter", pause: "stop" } as const;

export function startFakeOpenAI(options: FakeOptions = {}): Promise<FakeModelServer> {
  return startFake(PROTOCOL, options);
}

const PROTOCOL: Protocol = {
  name: "openai",
  defaultModels: ["local-fake"],
  keyOf: ({ headers }) => /^Bearer (.+)$/.exec(text(headers.authorization))?.[1],
  isTurn: ({ method, path }) => method === "POST" && path.endsWith("/chat/completions"),
  asked: ({ body }) => ({
    model: text(body.model),
    system: records(body.messages)
      .filter(({ role }) => role === "system")
      .map(({ content }) => textOf(content))
      .join("\n"),
    messages: records(body.messages).flatMap(heardIn),
    tools: records(body.tools).flatMap((tool) => (isRecord(tool.function) ? [text(tool.function.name)] : [])),
  }),
  other({ method, path }, models) {
    if (method !== "GET") return undefined;
    if (path.endsWith("/models")) {
      return { object: "list", data: models.map((id) => ({ id, object: "model", created: 1, owned_by: "library" })) };
    }
    if (path === "/api/version") return { version: "0.14.0" };
    if (path !== "/api/tags") return undefined;
    return { models: models.map((name) => ({ name, model: name, size: 1, details: { family: "fake" } })) };
  },
  error: (_status, code, message) => ({ error: { message, type: code ?? "server_error", code: code ?? null } }),
  frames(spoken, { body }, usage, chunks) {
    const common = { id: fakeId("chatcmpl"), object: "chat.completion.chunk", created: 1, model: body.model };
    const chunk = (delta: Json, finish: string | null = null): Frame =>
      frame({ ...common, choices: [{ index: 0, delta, finish_reason: finish }] });
    const wantsUsage = isRecord(body.stream_options) && body.stream_options.include_usage === true;
    return [
      chunk({ role: "assistant", content: "" }),
      ...deltasOf(spoken.says, chunks).map((delta) => chunk(delta)),
      chunk({}, STOPS[stopOf(spoken)]),
      ...(wantsUsage ? [frame({ ...common, choices: [], usage: usageOf(usage) })] : []),
    ];
  },
  errorFrame: (code, message) => frame({ error: { message, type: code, code } }),
  end: "data: [DONE]\n\n",
};

function frame(data: Json): Frame {
  return { text: `data: ${JSON.stringify(data)}\n\n` };
}

function usageOf({ input, output, cached = 0, thinking = 0 }: ReportedUsage): Json {
  return {
    // As the API counts: the prompt includes what came from the cache, the completion includes the reasoning.
    prompt_tokens: input + cached,
    completion_tokens: output + thinking,
    total_tokens: input + cached + output + thinking,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: thinking },
  };
}

function deltasOf(said: readonly Said[], chunks: number): Json[] {
  let calls = 0;
  return said.flatMap((one): Json[] => {
    switch (one.kind) {
      case "text":
        return cutInto(one.text, chunks).map((content) => ({ content }));
      case "thinking":
        return cutInto(one.text, chunks).map((reasoning_content) => ({ reasoning_content }));
      case "tool": {
        const index = calls++;
        const begun = { index, id: one.id ?? fakeId("call"), type: "function", function: { name: one.name, arguments: "" } };
        const more = cutInto(one.input, chunks).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }));
        return [{ tool_calls: [begun] }, ...more];
      }
      default:
        return assertNever(one);
    }
  });
}

function heardIn({ role, content }: Json): Heard[] {
  switch (role) {
    case "user":
    case "assistant":
      return [{ role, text: textOf(content) }];
    case "tool":
      return [{ role: "result", text: textOf(content), ok: true }];
    default:
      return [];
  }
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return records(content)
    .map((part) => text(part.text))
    .filter((said) => said !== "")
    .join("\n");
}
