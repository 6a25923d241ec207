/**
 * What a fake model says. A brain is a function from what the fake was sent to one answer, so a test can script every
 * request; `playBrain` follows the directives in the prompt, as the rehearsal model does, so journeys need no script.
 */
import type { Message } from "../../../server/models/model.ts";
import { nextTurn } from "../../../server/models/rehearsal/player.ts";
import { hasDirectives, type Play, type PlayedTurn } from "../../../server/models/rehearsal/script.ts";
import { plainWork } from "./plain-work.ts";

/** One message as the fakes read it, whatever the protocol. */
export type Heard =
  | { role: "user"; text: string }
  | { role: "assistant"; text: string }
  | { role: "result"; text: string; ok: boolean };

/** What a fake was asked, in one shape for every protocol. */
export type Asked = {
  model: string;
  system: string;
  messages: readonly Heard[];
  tools: readonly string[];
  /** requests for an answer before this one, since the fake started */
  before: number;
};

export type Said =
  | { kind: "text"; text: string }
  | { kind: "thinking"; text: string; signature?: string }
  /** `input` is sent as it stands, so that it can be something else than JSON */
  | { kind: "tool"; name: string; input: string; id?: string };

export type ReportedUsage = { input: number; output: number; cached?: number; cacheWrite?: number; thinking?: number };

/** What goes wrong while an answer is streamed, after `after` events of the protocol (1 by default), before its last one. */
export type Fault = { after?: number } & (
  | { kind: "cut" }
  /** the connection stays open and nothing more comes */
  | { kind: "silent" }
  /** an error of the provider inside a stream that began with 200 */
  | { kind: "error"; code: string; message: string }
  /** an event that is not what the protocol says */
  | { kind: "malformed"; text: string }
);

export type Refusal = {
  status: number;
  /** the provider's own name of the error */
  code?: string;
  message?: string;
  headers?: Record<string, string>;
  /** sent instead of the protocol's error body */
  body?: string;
};

export type Answer =
  | { refuse: Refusal }
  | {
      says: readonly Said[];
      stop?: "end" | "tools" | "length" | "refusal" | "pause";
      usage?: ReportedUsage;
      fault?: Fault;
      /** texts are streamed in so many pieces, so many ms apart */
      pace?: { chunks: number; ms: number };
    };
export type Spoken = Extract<Answer, { says: unknown }>;

export type Brain = (asked: Asked) => Answer | Promise<Answer>;

/** A brain that gives these answers one after the other, and the last one for ever. */
export function scripted(...answers: [Answer, ...Answer[]]): Brain {
  return ({ before }) => answers[Math.min(before, answers.length - 1)] ?? answers[0];
}

/** An answer of one text. */
export function says(text: string): Spoken {
  return { says: [{ kind: "text", text }] };
}

/** characters of the request in an echo */
const ECHO_CHARS = 200;
/** Stands for the text of the newest result in what a script says or writes. */
const LAST_RESULT = "{{result}}";

/** Follows the directives in what people said; without any it does small plain work, or says the request back. */
export const playBrain: Brain = ({ messages, tools }) => {
  const heard = messages.map(asMessage);
  const isScript = messages.some(({ role, text }) => role === "user" && hasDirectives(text));
  if (!isScript) return plainWork(messages, tools) ?? says(`echo: ${newest(messages, "user").slice(-ECHO_CHARS)}`);
  const { turn } = nextTurn({ messages: heard, tools: [], skills: [] });
  const failure = turn.plays.find((play) => play.kind === "fail");
  if (failure) return { refuse: REFUSALS[failure.code] ?? { status: 400, code: failure.code } };
  const spoken = spokenOf(turn, newest(messages, "result"));
  return spoken.says.length > 0 ? spoken : says("Done.");
};

/** Codes of `@fail` as a provider would answer them. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  overloaded: { status: 503, code: "overloaded" },
  rate_limit: { status: 429, code: "rate_limit" },
  auth: { status: 401, code: "auth" },
  server_error: { status: 500, code: "server_error" },
};

function asMessage(heard: Heard): Message {
  switch (heard.role) {
    case "user":
      return { kind: "user", text: heard.text, by: "", via: "prompt" };
    case "assistant":
      return { kind: "assistant", blocks: [], stop: "tools" };
    case "result":
      return { kind: "result", call: "", ok: heard.ok, text: heard.text };
  }
}

function spokenOf({ plays, usage }: PlayedTurn, result: string): Spoken {
  const pace = plays.flatMap((play) => ("pace" in play && play.pace ? [play.pace] : []))[0];
  return { says: plays.flatMap((play) => saidOf(play, result)), ...(usage && { usage }), ...(pace && { pace }) };
}

function saidOf(play: Play, result: string): Said[] {
  switch (play.kind) {
    case "say":
      return [{ kind: "text", text: play.text.replaceAll(LAST_RESULT, result) }];
    case "think":
      return [{ kind: "thinking", text: play.text }];
    case "tool":
      return [{ kind: "tool", name: play.name, input: play.input.replaceAll(LAST_RESULT, inJson(result)) }];
    case "ask":
      return [{ kind: "tool", name: "ask_person", input: JSON.stringify({ question: play.question }) }];
    case "fail":
      return [];
  }
}

/** A text as it stands inside a JSON string. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Text of the newest message of a role; empty without one. */
export function newest(messages: readonly Heard[], role: Heard["role"]): string {
  return messages.findLast((message) => message.role === role)?.text ?? "";
}
