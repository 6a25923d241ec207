/** OpenAI-compatible chat completions: Ollama, llama.cpp, vLLM, gateways and OpenAI itself. Plain HTTP, no SDK. */
import type { ModelCandidate } from "../access.ts";
import { carryFiles, FILE_LIMITS, type FileLimits, NO_FILES, withoutPdf } from "../carry.ts";
import { conversation, isRecord } from "../conversation.ts";
import { Accepted, degrading, type Extras } from "../degrade.ts";
import { modelFailure } from "../failures.ts";
import type { Model, ModelDelta, ModelFailure, ModelRequest } from "../model.ts";
import { modelId } from "../model-id.ts";
import { refusalFailure, retryAfterOf } from "../provider-error.ts";
import { baseOf, quietFetch, transportFailure } from "../transport.ts";
import { openaiRequest } from "./request.ts";
import { serverSentData } from "./sse.ts";
import { openaiDeltas, StreamedError } from "./stream.ts";

const HOME = "https://api.openai.com/v1";
/** ms to the first word: a machine of one's own may load the model first, and reads a long request slowly */
const SLOW_START_MS = 300_000;

/** A model behind this protocol. @param candidate its key goes to its address and nowhere else */
export function createOpenAIModel(candidate: ModelCandidate): Model {
  const own = modelId(candidate);
  const base = baseOf(candidate.baseUrl, HOME);
  const accepted = new Accepted();
  // Of the servers of this protocol, only its inventor's is known to read PDFs.
  const limits = base === HOME ? FILE_LIMITS.openai : withoutPdf(FILE_LIMITS.openai);

  async function* attempt(request: ModelRequest, extras: Extras, signal: AbortSignal): AsyncGenerator<ModelDelta> {
    let begun = false;
    try {
      const response = await send(request, extras, signal, extras.files ? limits : NO_FILES);
      if (!response.ok) {
        yield { type: "error", failure: await refusalOf(response, candidate.key) };
        return;
      }
      begun = true;
      if (!response.body || !isEventStream(response)) {
        await response.body?.cancel();
        yield { type: "error", failure: modelFailure("malformed") };
        return;
      }
      yield* openaiDeltas(own, candidate.price, serverSentData(response.body));
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof StreamedError ? streamedFailure(error, candidate.key) : transportFailure(error, begun);
      yield { type: "error", failure };
    }
  }

  async function send(request: ModelRequest, extras: Extras, signal: AbortSignal, files: FileLimits): Promise<Response> {
    const turns = conversation(request.messages);
    const carried = await carryFiles(turns, files, request.load);
    const body = openaiRequest({ model: candidate.model, own }, request, turns, carried, extras);
    const headers = {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(candidate.key !== undefined && { authorization: `Bearer ${candidate.key}` }),
    };
    return await quietFetch(`${base}/chat/completions`, { method: "POST", headers, body: JSON.stringify(body), signal });
  }

  return {
    name: candidate.label,
    id: own,
    slowStartMs: SLOW_START_MS,
    stream: (request, signal) => degrading(accepted, request, signal, (extras) => attempt(request, extras, signal)),
  };
}

function isEventStream(response: Response): boolean {
  return /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "text/event-stream");
}

/** characters of an error that are read; gateways answer whole pages */
const ERROR_CHARS = 20_000;

async function refusalOf(response: Response, key: string | undefined): Promise<ModelFailure> {
  const text = (await response.text()).slice(0, ERROR_CHARS);
  const retryAfterMs = retryAfterOf((name) => response.headers.get(name), Date.now());
  return refusalFailure({ status: response.status, ...wordsOf(parse(text)), retryAfterMs, key });
}

function streamedFailure({ body }: StreamedError, key: string | undefined): ModelFailure {
  const code = isRecord(body) && typeof body.code === "number" ? body.code : undefined;
  return refusalFailure({ status: code, ...wordsOf(body), key });
}

/** `{error: {message, type, code}}`, `{error: "…"}`, `{message}` and `{detail}` are all in use. */
function wordsOf(body: unknown): { types: string[]; message: string } {
  if (typeof body === "string") return { types: [], message: body };
  if (!isRecord(body)) return { types: [], message: "" };
  if (body.error !== undefined && body.error !== null) return wordsOf(body.error);
  const types = [body.type, body.code].filter((type) => typeof type === "string");
  const message = [body.message, body.detail].find((text) => typeof text === "string");
  return { types, message: message ?? "" };
}

/** What is no JSON is a page of something in between, and no words for people. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
