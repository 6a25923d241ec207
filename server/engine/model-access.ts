/** Asks the api, once for each claim, which models the run may call. What it is lent is kept in memory and nowhere else. */
import { modelAccess } from "../models/access.ts";
import { type Models, modelsOf, noModel } from "../models/registry.ts";
import { LeaseLost } from "../runtimes/contract.ts";
import { isFenced } from "./execute-client.ts";
import { type Answer, type InternalApi, isRecord, postJson } from "./internal-request.ts";
import type { Clock } from "./loop/clock.ts";

const PATH = "/internal/models/access";
/** ms for one answer; the api opens keys of its own database */
const ANSWER_MS = 5_000;
/** ms between two tries while the api is away */
const RETRY_MS = 250;
/** ms after which the run says that it cannot go on instead of hanging */
const PATIENCE_MS = 30_000;

export type LoanOptions = InternalApi & { run: string; lost: AbortSignal; clock: Clock };

/**
 * The models of a run. Where none is lent, a model that says why.
 * @throws LeaseLost when another runner has the run
 */
export async function lentModels(options: LoanOptions): Promise<Models> {
  const { run, token, lost, clock } = options;
  const startedAt = clock.now();
  for (;;) {
    if (lost.aborted) throw new LeaseLost("the lease is gone");
    const answer = await postJson(options, PATH, { run, token }, ANSWER_MS).catch(unanswered);
    if (answer.status < 500 && answer.status !== 429) return readLoan(answer);
    if (clock.now() - startedAt >= PATIENCE_MS) return readLoan(answer);
    await clock.sleep(RETRY_MS, lost);
  }
}

function readLoan({ status, body }: Answer): Models {
  if (status < 300) {
    const read = modelAccess.safeParse(body);
    // The body holds keys: of what is wrong with it only the place is said.
    if (read.success) return modelsOf(read.data);
    const where = read.error.issues.map(({ path }) => path.join(".")).join(", ");
    return refusal("model_access", `What the models may be called with could not be read (${where}).`);
  }
  const error = isRecord(body.error) ? body.error : {};
  const code = typeof error.code === "string" ? error.code : "model_access";
  if (isFenced(status, code)) throw new LeaseLost("the run's token is no longer valid");
  const message = typeof error.message === "string" ? error.message : `Atrium could not find out which model to ask (${status}).`;
  return refusal(code, message);
}

function refusal(code: string, message: string): Models {
  const whatToDo = "Ask an admin to look at the models in the settings, then run again.";
  return [noModel({ code: code.slice(0, 64), message, retryable: false, whatToDo })];
}

function unanswered(): Answer {
  return { status: 503, body: { error: { code: "unreachable", message: "Atrium's own api did not answer." } } };
}
