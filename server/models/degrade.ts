/**
 * Goes on without what a provider refuses. Models differ in whether they take tools, pictures or thinking, and no listing
 * says so: what is refused is left out and the request is made once more, and people are told.
 */
import type { ModelDelta, ModelFailure, ModelRequest } from "./model.ts";

/** What a request uses beyond text. */
export type Extras = { tools: boolean; files: boolean; thinking: boolean };
type Extra = keyof Extras;

/** What was found to be refused so far; kept by an adapter for its run. */
export class Accepted {
  readonly #refused = new Set<Extra>();

  get extras(): Extras {
    const has = (extra: Extra): boolean => !this.#refused.has(extra);
    return { tools: has("tools"), files: has("files"), thinking: has("thinking") };
  }

  refuse(extra: Extra): void {
    this.#refused.add(extra);
  }
}

const WORDS: Readonly<Record<Extra, RegExp>> = {
  thinking: /\bthinking|thought|reasoning|effort/i,
  tools: /\btools?\b|function[ _]?(?:call|declaration)/i,
  files: /image|picture|vision|multimodal|media|mime|\bpdf\b|document|\bfile|page/i,
};

const NOTES: Readonly<Record<Extra, string | undefined>> = {
  // How a model thinks is its own affair.
  thinking: undefined,
  tools: "This model takes no tools: it can talk, and do nothing in the workspace.",
  files: "The model's provider did not take the attached files: the model reads only what its tools read of them.",
};

/**
 * Streams with what is accepted; a request that is refused for one of the extras is repeated without it.
 * @param signal after it nothing is said any more: an SDK may take a stop for an end
 */
export async function* degrading(
  accepted: Accepted,
  request: ModelRequest,
  signal: AbortSignal,
  attempt: (extras: Extras) => AsyncIterable<ModelDelta>,
): AsyncGenerator<ModelDelta> {
  for (;;) {
    const { extras } = accepted;
    let begun = false;
    let refused: Extra | undefined;
    for await (const delta of attempt(extras)) {
      if (signal.aborted) return;
      if (!begun && delta.type === "error") {
        refused = refusedExtra(delta.failure, extras, request);
        if (refused) break;
      }
      begun = true;
      yield delta;
    }
    if (!refused) return;
    accepted.refuse(refused);
    const note = NOTES[refused];
    if (note) yield { type: "note", text: note };
  }
}

function refusedExtra(failure: ModelFailure, extras: Extras, { tools, messages }: ModelRequest): Extra | undefined {
  if (failure.code !== "invalid_request") return undefined;
  const hasFiles = messages.some(
    (message) =>
      (message.kind === "user" && (message.attachments?.length ?? 0) > 0) ||
      (message.kind === "history" && message.said.some(({ attachments = [] }) => attachments.length > 0)),
  );
  const used: Readonly<Record<Extra, boolean>> = {
    thinking: extras.thinking,
    tools: extras.tools && tools.length > 0,
    files: extras.files && hasFiles,
  };
  const order: readonly Extra[] = ["thinking", "tools", "files"];
  return order.find((extra) => used[extra] && WORDS[extra].test(failure.message));
}
