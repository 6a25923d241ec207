/** Failures of a model that every provider knows, in words for people, and which of them pass by themselves. */
import type { ModelFailure } from "./model.ts";

type Known = Omit<ModelFailure, "code">;

const KNOWN: Record<string, Known> = {
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
  timeout: {
    message: "The model stopped answering.",
    retryable: true,
    whatToDo: "Try again; if it keeps happening, choose another model for this agent.",
  },
  auth: {
    message: "The model's provider did not accept the key.",
    retryable: false,
    whatToDo: "Ask an admin to check the provider's key in the settings.",
  },
  quota: {
    message: "The account at the model's provider has no credit left.",
    retryable: false,
    whatToDo: "Ask an admin to top up the account at the provider, then run again.",
  },
  context_too_long: {
    message: "The conversation is longer than this model can read.",
    retryable: false,
    whatToDo: "Start a new run with a shorter request, or choose a model that reads more.",
  },
};

/** The failure with this code. A code nobody listed is final, and `detail` is what people read. */
export function modelFailure(code: string, detail?: string): ModelFailure {
  const known = Object.hasOwn(KNOWN, code) ? KNOWN[code] : undefined;
  if (known) return { code, ...known };
  return { code, message: detail ?? "The model failed.", retryable: false, whatToDo: "Look at the run's log and try again." };
}
