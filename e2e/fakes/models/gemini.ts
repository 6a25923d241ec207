/** A fake of the Gemini API: `models/M:streamGenerateContent` as a stream, `:countTokens`, and the list of models. */
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
  tokens,
} from "./server.ts";

const STOPS = { end: "STOP", tools: "STOP", length: "MAX_TOKENS", refusal: "SAFETY", pause: "STOP" } as const;
const STATUSES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};
const PATH = /^\/v1\w*\/models\/([^:/]+):(\w+)$/;
const SIGNATURE = "c2ln";

export function startFakeGemini(options: FakeOptions = {}): Promise<FakeModelServer> {
  return startFake(PROTOCOL, options);
}

const PROTOCOL: Protocol = {
  name: "gemini",
  defaultModels: ["gemini-3-pro-preview", "gemini-3-flash-preview"],
  keyOf: ({ headers, query }) => text(headers["x-goog-api-key"]) || (query.get("key") ?? undefined),
  isTurn: ({ path }) => PATH.exec(path)?.[2] === "streamGenerateContent",
  asked: ({ path, body }) => ({
    model: decodeURIComponent(PATH.exec(path)?.[1] ?? ""),
    system: isRecord(body.systemInstruction) ? textsOf(body.systemInstruction.parts) : "",
    messages: records(body.contents).flatMap(heardIn),
    tools: records(body.tools).flatMap((tool) => records(tool.functionDeclarations).map(({ name }) => text(name))),
  }),
  other({ method, path, body }, models) {
    if (PATH.exec(path)?.[2] === "countTokens") return { totalTokens: tokens(JSON.stringify(body)) };
    if (method !== "GET" || !/^\/v1\w*\/models$/.test(path)) return undefined;
    const supportedGenerationMethods = ["generateContent", "countTokens"];
    return { models: models.map((id) => ({ name: `models/${id}`, displayName: id, supportedGenerationMethods })) };
  },
  // The real API answers a wrong key with 400 and says so in the details.
  error: (status, code, message) => ({
    error: {
      code: status,
      message,
      status: STATUSES[status] ?? "UNKNOWN",
      ...(code === "auth" && { details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }] }),
    },
  }),
  frames(spoken, { path }, usage, chunks) {
    const common = { modelVersion: PATH.exec(path)?.[1], responseId: fakeId("resp") };
    const parts = partsOf(spoken.says, chunks);
    if (parts.length === 0) parts.push({ text: "" });
    return parts.map((part, at) => {
      const isLast = at === parts.length - 1;
      const candidate = {
        content: { role: "model", parts: [part] },
        index: 0,
        ...(isLast && { finishReason: STOPS[stopOf(spoken)] }),
      };
      const usageMetadata = isLast ? usageOf(usage) : { promptTokenCount: usage.input, totalTokenCount: usage.input };
      return frame({ candidates: [candidate], usageMetadata, ...common });
    });
  },
  errorFrame: (code, message) => frame({ error: { code: 503, message, status: code } }),
  end: "",
};

function frame(data: Json): Frame {
  return { text: `data: ${JSON.stringify(data)}\r\n\r\n` };
}

function usageOf({ input, output, cached = 0, thinking = 0 }: ReportedUsage): Json {
  return {
    // As the API counts: the prompt includes what came from the cache, the candidates exclude the thoughts.
    promptTokenCount: input + cached,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output,
    thoughtsTokenCount: thinking,
    totalTokenCount: input + cached + output + thinking,
  };
}

/** Only the first of parallel calls carries a signature, as with the real API. */
function partsOf(said: readonly Said[], chunks: number): Json[] {
  const firstCall = said.find(({ kind }) => kind === "tool");
  return said.flatMap((one): Json[] => {
    switch (one.kind) {
      case "text":
        return cutInto(one.text, chunks).map((piece) => ({ text: piece }));
      case "thinking":
        return cutInto(one.text, chunks).map((piece) => ({ text: piece, thought: true }));
      case "tool": {
        const functionCall = { id: one.id ?? fakeId("fc"), name: one.name, args: argumentsOf(one.input) };
        return [{ functionCall, ...(one === firstCall && { thoughtSignature: SIGNATURE }) }];
      }
      default:
        return assertNever(one);
    }
  });
}

/** This protocol carries arguments as values: what is not JSON arrives as it stands. */
function argumentsOf(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}

function heardIn({ role, parts }: Json): Heard[] {
  const said = textsOf(parts);
  if (role === "model") return [{ role: "assistant", text: said }];
  const results = records(parts).flatMap(({ functionResponse }) =>
    isRecord(functionResponse) ? [resultOf(functionResponse)] : [],
  );
  return said ? [...results, { role: "user", text: said }] : results;
}

function resultOf({ response }: Json): Heard {
  const given = isRecord(response) ? response : {};
  return { role: "result", text: text(given.output) || text(given.error), ok: given.error === undefined };
}

function textsOf(parts: unknown): string {
  return records(parts)
    .filter(({ thought }) => thought !== true)
    .map((part) => text(part.text))
    .filter((said) => said !== "")
    .join("\n");
}
