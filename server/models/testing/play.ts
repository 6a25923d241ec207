/** Plays one turn of a model for tests and gathers what came of it. */
import type { Block, Message, Model, ModelDelta, ModelFailure, ModelRequest } from "../model.ts";

export type Played = {
  deltas: ModelDelta[];
  /** in the order they began, without those that never ended */
  blocks: Block[];
  usage: Extract<ModelDelta, { type: "usage" }> | undefined;
  stop: string | undefined;
  failure: ModelFailure | undefined;
  notes: string[];
};

export const LOOK = {
  name: "look",
  description: "Looks.",
  inputSchema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", properties: { n: { type: "number" } } },
};

export function user(text: string, more: Partial<Extract<Message, { kind: "user" }>> = {}): Message {
  return { kind: "user", text, by: "Ana", via: "prompt", ...more };
}

/** A turn of the model as the loop keeps it. Its calls get the ids `call_0`, `call_1`, … */
export function assistant(blocks: readonly Block[]): Message {
  return { kind: "assistant", blocks: [...blocks], stop: "tools" };
}

export async function playTurn(model: Model, request: Partial<ModelRequest>, signal?: AbortSignal): Promise<Played> {
  const played: Played = { deltas: [], blocks: [], usage: undefined, stop: undefined, failure: undefined, notes: [] };
  const open = new Map<number, Block>();
  const done = new Map<number, Block>();
  const whole: ModelRequest = {
    system: "You are a test.",
    messages: [user("Hello")],
    tools: [LOOK],
    skills: [],
    load: () => Promise.reject(new Error("there is no file here")),
    ...request,
  };
  for await (const delta of model.stream(whole, signal ?? new AbortController().signal)) {
    played.deltas.push(delta);
    switch (delta.type) {
      case "block.start":
        open.set(
          delta.index,
          delta.kind === "tool_call"
            ? { kind: "tool_call", call: `call_${delta.index}`, name: delta.name, input: "" }
            : { kind: delta.kind, text: "" },
        );
        break;
      case "block.delta": {
        const block = open.get(delta.index);
        if (block?.kind === "tool_call") block.input += delta.text;
        else if (block) block.text += delta.text;
        break;
      }
      case "block.end": {
        const block = open.get(delta.index);
        if (!block) break;
        if (delta.private !== undefined) block.private = delta.private;
        done.set(delta.index, block);
        break;
      }
      case "usage":
        played.usage = delta;
        break;
      case "stop":
        played.stop = delta.stop;
        break;
      case "error":
        played.failure = delta.failure;
        break;
      case "note":
        played.notes.push(delta.text);
        break;
    }
  }
  played.blocks = [...open.keys()].flatMap((index) => done.get(index) ?? []);
  return played;
}

/** The texts of a turn. */
export function textOf({ blocks }: Played): string {
  return blocks.map((block) => (block.kind === "text" ? block.text : "")).join("");
}
