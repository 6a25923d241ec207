/** What providers answer when asked for their models, each protocol in its own form. Newest first. */
import { z } from "zod";
import type { SeenModel } from "../../db/schema/providers.ts";
import { assertNever } from "../../party/protocol/assert.ts";
import { MODEL_ID_CHARS } from "../../party/protocol/model-choice.ts";
import type { Protocol } from "../../party/protocol/provider-key.ts";

/** models kept of one provider; gateways list hundreds */
const MAX_MODELS = 1_000;
const LABEL_CHARS = 80;

const modelId = z
  .string()
  .min(1)
  .max(MODEL_ID_CHARS)
  .regex(/^[\x21-\x7e]+$/);
const tokens = z.number().int().positive().optional().catch(undefined);
const label = z.string().max(LABEL_CHARS).optional().catch(undefined);

const anthropicModel = z.object({
  id: modelId,
  display_name: label,
  created_at: z.string().optional().catch(undefined),
  max_input_tokens: tokens,
});

const geminiModel = z.object({
  name: z
    .string()
    .transform((name) => name.replace(/^models\//, ""))
    .pipe(modelId),
  displayName: label,
  inputTokenLimit: tokens,
  supportedGenerationMethods: z.array(z.string()).optional().catch(undefined),
});

const openaiModel = z.object({
  id: modelId,
  created: z.number().optional().catch(undefined),
  /** gateways, vLLM, LM Studio and llama.cpp say the context in fields of their own */
  context_length: tokens,
  context_window: tokens,
  max_model_len: tokens,
  max_context_length: tokens,
  meta: z.object({ n_ctx_train: tokens }).optional().catch(undefined),
});

/** Models of OpenAI and of gateways that do not chat. */
const NO_CHAT =
  /embed|whisper|tts|dall-e|image|audio|realtime|transcri|moderation|sora|video|rerank|davinci|babbage|turbo-instruct|codex-mini|computer-use|search-(?:api|preview)/i;
const GEMINI_NO_CHAT = /embedding|tts|image|audio|live|aqa|imagen|veo|computer-use|robotics/i;

const list = (field: "data" | "models") => z.object({ [field]: z.array(z.unknown()) });

/** The models in an answer; undefined when the answer is not one of this protocol. An entry nobody can read is left out. */
export function readListing(protocol: Protocol, body: unknown): SeenModel[] | undefined {
  const field = protocol === "gemini" ? "models" : "data";
  const entries = list(field).safeParse(body).data?.[field];
  if (!entries) return undefined;
  const models = readEntries(protocol, entries);
  if (models.length === 0 && entries.length > 0 && !entries.some(hasName)) return undefined;
  return models.slice(0, MAX_MODELS);
}

function hasName(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && ("id" in entry || "name" in entry);
}

function readEntries(protocol: Protocol, entries: readonly unknown[]): SeenModel[] {
  switch (protocol) {
    case "anthropic":
      return entries
        .flatMap((entry) => anthropicModel.safeParse(entry).data ?? [])
        .sort((a, b) => (b.created_at ?? "").localeCompare(a.created_at ?? ""))
        .map(({ id, display_name, max_input_tokens }) => ({ id, label: display_name, contextTokens: max_input_tokens }));
    case "gemini":
      return entries
        .flatMap((entry) => geminiModel.safeParse(entry).data ?? [])
        .filter(
          ({ name, supportedGenerationMethods: can }) => !GEMINI_NO_CHAT.test(name) && (can?.includes("generateContent") ?? true),
        )
        .sort((a, b) => geminiAge(b.name) - geminiAge(a.name))
        .map(({ name, displayName, inputTokenLimit }) => ({ id: name, label: displayName, contextTokens: inputTokenLimit }));
    case "openai":
      return entries
        .flatMap((entry) => openaiModel.safeParse(entry).data ?? [])
        .filter(({ id }) => !NO_CHAT.test(id))
        .sort((a, b) => (b.created ?? 0) - (a.created ?? 0))
        .map((model) => ({ id: model.id, contextTokens: contextOf(model) }));
    default:
      return assertNever(protocol);
  }
}

/** Gemini tells no dates. Its version is in the name; a preview comes after the finished model of the same version. */
function geminiAge(name: string): number {
  const version = Number(/^gemini-(\d+(?:\.\d+)?)/.exec(name)?.[1] ?? 0);
  return version - (/preview|exp|\d{3,}$/.test(name) ? 0.01 : 0);
}

function contextOf(model: z.infer<typeof openaiModel>): number | undefined {
  return (
    model.context_length ?? model.context_window ?? model.max_model_len ?? model.max_context_length ?? model.meta?.n_ctx_train
  );
}
