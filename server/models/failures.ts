/** Failures of a model that every provider knows, in words for people, and which of them pass by themselves. */
import type { ModelFailure } from "./model.ts";

type Known = Omit<ModelFailure, "code" | "retryAfterMs">;

const KNOWN = {
  overloaded: {
    message: "The model's provider is overloaded.",
    retryable: true,
    whatToDo: "Try again in a few minutes, or choose another model for this agent.",
  },
  rate_limit: {
    message: "The model's provider limits how much may be asked of it at once.",
    retryable: true,
    whatToDo: "Wait a minute and try again, run fewer agents at once, or ask the provider for a higher limit.",
  },
  server_error: {
    message: "The model's provider failed on its side.",
    retryable: true,
    whatToDo: "Try again in a few minutes, or choose another model for this agent.",
  },
  unreachable: {
    message: "The model's provider could not be reached.",
    retryable: true,
    whatToDo: "Check that this machine is online, and that the provider's address in the settings is right.",
  },
  timeout: {
    message: "The model stopped answering.",
    retryable: true,
    whatToDo: "Try again; if it keeps happening, choose another model for this agent.",
  },
  cut: {
    message: "The connection to the model broke in the middle of its answer.",
    retryable: true,
    whatToDo: "Try again; if it keeps happening, check the connection of this machine.",
  },
  malformed: {
    message: "The model's provider sent something that is not an answer.",
    retryable: true,
    whatToDo: "Try again; if it keeps happening, check that the provider's address in the settings speaks this protocol.",
  },
  auth: {
    message: "The model's provider did not accept the key.",
    retryable: false,
    whatToDo: "Ask an admin to check the provider's key in the settings.",
  },
  revoked: {
    message: "The key for the model's provider was taken back or has expired.",
    retryable: false,
    whatToDo: "Ask an admin to make a new key at the provider and to paste it in the settings.",
  },
  quota: {
    message: "The account at the model's provider has no credit left.",
    retryable: false,
    whatToDo: "Ask an admin to top up the account at the provider, then run again.",
  },
  unknown_model: {
    message: "The provider has no such model, or the key may not use it.",
    retryable: false,
    whatToDo: "Choose another model for this agent, or check the provider's address in the settings.",
  },
  context_too_long: {
    message: "The conversation is longer than this model can read.",
    retryable: false,
    whatToDo: "Start a new run with a shorter request, or choose a model that reads more.",
  },
  refused: {
    message: "The model's provider does not let its model answer this.",
    retryable: false,
    whatToDo: "Say it in other words, or choose another model for this agent.",
  },
  invalid_request: {
    message: "The model's provider did not understand what it was sent.",
    retryable: false,
    whatToDo: "Choose another model for this agent. If it happens with every model, tell the operator of this Atrium.",
  },
} as const satisfies Record<string, Known>;

export type FailureCode = keyof typeof KNOWN;

/** characters of a provider's own words that people read */
const DETAIL_CHARS = 500;

/** The failure with this code. A code nobody listed is final, and `detail` is what people read. */
export function modelFailure(code: string, detail?: string): ModelFailure {
  if (isKnown(code)) return { code, ...KNOWN[code] };
  return { code, message: detail ?? "The model failed.", retryable: false, whatToDo: "Look at the run's log and try again." };
}

/** A listed failure with the provider's own words behind the sentence; they must hold no key. */
export function explained(code: FailureCode, detail: string): ModelFailure {
  const failure = modelFailure(code);
  const words = detail.trim().replace(/\s+/g, " ").slice(0, DETAIL_CHARS);
  return words === "" ? failure : { ...failure, message: `${failure.message} It said: “${words}”` };
}

/**
 * Failures of a provider, and not of what it was asked: another provider may answer. A key that is wrong is not among
 * them: to go round it would hide that somebody has to mend it.
 */
const OF_PROVIDER: ReadonlySet<string> = new Set([
  "overloaded",
  "rate_limit",
  "server_error",
  "unreachable",
  "timeout",
  "cut",
  "malformed",
  "quota",
] satisfies FailureCode[]);

/** True when another provider may answer what this one did not. */
export function mayBeAnsweredElsewhere({ code }: ModelFailure): boolean {
  return OF_PROVIDER.has(code);
}

function isKnown(code: string): code is FailureCode {
  return Object.hasOwn(KNOWN, code);
}
