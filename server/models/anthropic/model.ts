/** The Anthropic Messages API, also where others serve it: gateways, Ollama, llama.cpp. The SDK is loaded at the first call. */
import type Anthropic from "@anthropic-ai/sdk";
import type { ModelCandidate } from "../access.ts";
import { carryFiles, FILE_LIMITS, NO_FILES } from "../carry.ts";
import { conversation, isRecord } from "../conversation.ts";
import { Accepted, degrading, type Extras } from "../degrade.ts";
import type { Model, ModelDelta, ModelFailure, ModelRequest } from "../model.ts";
import { modelId } from "../model-id.ts";
import { refusalFailure, retryAfterOf } from "../provider-error.ts";
import { baseOf, quietFetch, transportFailure } from "../transport.ts";
import { anthropicRequest } from "./request.ts";
import { anthropicDeltas } from "./stream.ts";

const HOME = "https://api.anthropic.com";
/** ms; the loop's own watchdog gives up long before, and a long answer is no failure */
const TOTAL_MS = 3_600_000;

/** A model behind this protocol. @param candidate its key goes to its address and nowhere else */
export function createAnthropicModel(candidate: ModelCandidate): Model {
  const own = modelId(candidate);
  const accepted = new Accepted();
  let client: Promise<Anthropic> | undefined;

  async function* attempt(request: ModelRequest, extras: Extras, signal: AbortSignal): AsyncGenerator<ModelDelta> {
    let begun = false;
    try {
      client ??= connect(candidate);
      const turns = conversation(request.messages);
      const carried = await carryFiles(turns, extras.files ? FILE_LIMITS.anthropic : NO_FILES, request.load);
      const params = anthropicRequest({ model: candidate.model, own }, request, turns, carried, extras);
      const events = await (await client).messages.create(params, { signal });
      begun = true;
      yield* anthropicDeltas(own, candidate.price, events);
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

/** Nothing is left to the environment or to files of credentials: whose key is used is the company's choice. */
async function connect({ baseUrl, key }: ModelCandidate): Promise<Anthropic> {
  const { default: Client } = await import("@anthropic-ai/sdk");
  return new Client({
    baseURL: baseOf(baseUrl, HOME),
    apiKey: key ?? "none",
    authToken: null,
    webhookKey: null,
    fetch: quietFetch,
    // The loop tries a turn again, with people watching.
    maxRetries: 0,
    timeout: TOTAL_MS,
    logLevel: "off",
  });
}

async function failureOf(error: unknown, begun: boolean, key: string | undefined): Promise<ModelFailure> {
  const { APIConnectionError, APIError } = await import("@anthropic-ai/sdk");
  if (!(error instanceof APIError) || error instanceof APIConnectionError) return transportFailure(error, begun);
  const { status, headers } = error;
  const body: unknown = error.error;
  const inner = isRecord(body) && isRecord(body.error) ? body.error : {};
  const types = [error.type, error.errorCode, inner.code].filter((type) => typeof type === "string");
  const message = typeof inner.message === "string" ? inner.message : "";
  const retryAfterMs = retryAfterOf((name) => headers?.get(name), Date.now());
  return refusalFailure({ status, types, message, retryAfterMs, key });
}
