/** What the families of Claude differ in. Names that are none of theirs belong to other servers of this protocol. Pure. */
import type Anthropic from "@anthropic-ai/sdk";

/** tokens of one answer, thoughts included */
const OUTPUT_TOKENS = 32_000;
/** what every server of this protocol takes */
const OUTPUT_TOKENS_OTHERS = 8_192;
/** tokens of thought where the model does not choose by itself */
const THOUGHT_TOKENS = 8_000;

/** `claude-opus-4-8`, `claude-sonnet-5`, `claude-haiku-4-5-20260101`; older ones put the version first. */
const FAMILY = /^claude-(?:opus|sonnet|haiku|[a-z]+)-(\d{1,2})(?:[-.](\d{1,2}))?(?![\d])/;

/** Major and minor of a Claude's version as one number, `4.6` as 406; undefined for other models. */
function versionOf(model: string): number | undefined {
  const found = FAMILY.exec(model);
  return found ? Number(found[1]) * 100 + Number(found[2] ?? 0) : undefined;
}

export function outputLimit(model: string): number {
  return (versionOf(model) ?? 0) >= 400 ? OUTPUT_TOKENS : OUTPUT_TOKENS_OTHERS;
}

/**
 * How a model is asked to think; undefined where it is not asked.
 * @param canGoOn false where the round of calls under way did not begin with a thought of this model
 */
export function thinkingOf(model: string, canGoOn: boolean): Anthropic.ThinkingConfigParam | undefined {
  const version = versionOf(model) ?? 0;
  if (version >= 406) return { type: "adaptive", display: "summarized" };
  if (version >= 400 && canGoOn) return { type: "enabled", budget_tokens: THOUGHT_TOKENS };
  return undefined;
}
