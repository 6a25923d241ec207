/** The Gemini API. The SDK is loaded at the first call. */
import type { GoogleGenAI } from "@google/genai";
import type { ModelCandidate } from "../access.ts";
import { carryFiles, FILE_LIMITS, NO_FILES } from "../carry.ts";
import { conversation, isRecord } from "../conversation.ts";
import { Accepted, degrading, type Extras } from "../degrade.ts";
import type { Model, ModelDelta, ModelFailure, ModelRequest } from "../model.ts";
import { modelId } from "../model-id.ts";
import { refusalFailure, retryAfterOf } from "../provider-error.ts";
import { baseOf, quietFetch, transportFailure } from "../transport.ts";
import { geminiRequest } from "./request.ts";
import { geminiDeltas } from "./stream.ts";

const HOME = "https://generativelanguage.googleapis.com";

/** A model behind this protocol. @param candidate its key goes to its address and nowhere else */
export function createGeminiModel(candidate: ModelCandidate): Model {
  const own = modelId(candidate);
  const accepted = new Accepted();
  let client: Promise<GoogleGenAI> | undefined;

  async function* attempt(request: ModelRequest, extras: Extras, signal: AbortSignal): AsyncGenerator<ModelDelta> {
    let begun = false;
    try {
      client ??= connect(candidate);
      const turns = conversation(request.messages);
      const carried = await carryFiles(turns, extras.files ? FILE_LIMITS.gemini : NO_FILES, request.load);
      const params = geminiRequest({ model: candidate.model, own }, request, turns, carried, extras);
      const chunks = await (await client).models.generateContentStream({
        ...params,
        config: { ...params.config, abortSignal: signal },
      });
      begun = true;
      yield* geminiDeltas(own, candidate.price, chunks);
    } catch (error) {
      if (!signal.aborted) yield { type: "error", failure: await failureOf(error, begun, candidate.key) };
    }
  }

  return {
    name: candidate.label,
    id: own,
    stream: (request, signal) => degrading(accepted, request, signal, (extras) => attempt(request, extras, signal)),
  };
}

/** Nothing is left to the environment: whose key is used, and where, is the company's choice. */
async function connect({ baseUrl, key }: ModelCandidate): Promise<GoogleGenAI> {
  const { GoogleGenAI: Client } = await import("@google/genai");
  return new Client({
    apiKey: key ?? "none",
    vertexai: false,
    // No time limit of its own: it would count the whole answer, and a long one is no failure.
    httpOptions: { baseUrl: baseOf(baseUrl, HOME), fetch: quietFetch },
  });
}

/** The SDK throws the answer's body as the text of its error, and an error inside a stream alike. */
async function failureOf(error: unknown, begun: boolean, key: string | undefined): Promise<ModelFailure> {
  const { ApiError } = await import("@google/genai");
  if (!(error instanceof ApiError)) return transportFailure(error, begun);
  const inner = innerOf(error.message);
  const details = Array.isArray(inner.details) ? inner.details.filter(isRecord) : [];
  const types = [inner.status, ...details.map(({ reason }) => reason)].filter((type) => typeof type === "string");
  const message = typeof inner.message === "string" ? inner.message : "";
  const delay = details.map(({ retryDelay }) => retryDelay).find((value) => typeof value === "string");
  const retryAfterMs = retryAfterOf((name) => (name === "retry-after" ? delay?.replace(/s$/, "") : undefined), Date.now());
  return refusalFailure({ status: error.status, types, message, retryAfterMs, key });
}

function innerOf(text: string): Record<string, unknown> {
  const start = text.indexOf("{");
  if (start < 0) return {};
  try {
    const body: unknown = JSON.parse(text.slice(start));
    const error = isRecord(body) ? body.error : undefined;
    if (!isRecord(error)) return {};
    // Some errors come as the text of another one.
    return typeof error.message === "string" && error.message.startsWith("{") ? { ...error, ...innerOf(error.message) } : error;
  } catch {
    return {};
  }
}
