/** The right to carry out an approved call, asked of the company's room through the api. */
import { type ExecuteClaim, type ExecutePort, LeaseLost } from "../runtimes/contract.ts";
import { type Answer, type InternalApi, isRecord, postJson } from "./internal-request.ts";
import type { Clock } from "./loop/clock.ts";

/** ms for one answer; the company's room answers within milliseconds or not at all */
const ANSWER_MS = 5_000;
/** ms between two tries while the api or the room is away */
const RETRY_MS = 250;
/** ms to report what became of a call; later the room settles it by the lease */
const REPORT_MS = 3_000;
/** Refusals that mean: an earlier attempt may have carried it out. */
const MAY_HAVE_HAPPENED: ReadonlySet<string> = new Set(["unknown", "executing", "executed"]);
/** Refusals that mean: another runner has the run. */
const FENCED: ReadonlySet<string> = new Set(["fenced", "stale", "stale_fence"]);

export type ExecuteOptions = InternalApi & {
  run: string;
  fence: number;
  lost: AbortSignal;
  clock: Clock;
};

export function executeClient(options: ExecuteOptions): ExecutePort {
  const { run, fence, lost, clock } = options;
  const path = (verb: string): string => `/internal/runs/${encodeURIComponent(run)}/${verb}`;

  /** Asks until there is an answer. The room answers a repeated question of the same fence as the first. */
  async function ask(verb: string, body: object, untilMs: number): Promise<Answer> {
    const startedAt = clock.now();
    for (;;) {
      if (lost.aborted) throw new LeaseLost("the lease is gone");
      const answer = await postJson(options, path(verb), body, ANSWER_MS).catch((error: unknown) => unreachable(error));
      if (answer.status < 500 && answer.status !== 429) return answer;
      if (clock.now() - startedAt >= untilMs) return answer;
      await clock.sleep(RETRY_MS, lost);
    }
  }

  return {
    async claim(approval, digest) {
      const answer = await ask("execute", { approval, digest, fence }, Number.POSITIVE_INFINITY);
      return readClaim(answer);
    },
    async done(approval, effect) {
      const answer = await ask("executed", { approval, effect, fence }, REPORT_MS);
      if (answer.status >= 300) console.error(`the effect of approval ${approval} could not be reported`, answer.body);
    },
  };
}

/** @throws LeaseLost when the token or the fence is no longer good */
export function readClaim({ status, body }: Answer): ExecuteClaim {
  const error = isRecord(body.error) ? body.error : body;
  const code = typeof error.code === "string" ? error.code : "";
  // Nothing is carried out on an answer that does not say so in as many words.
  if (status < 300 && body.granted === true) return { ok: true };
  if (isFenced(status, code)) throw new LeaseLost("the run's token is no longer valid");
  if (MAY_HAVE_HAPPENED.has(code)) {
    return {
      ok: false,
      effect: "unknown",
      why: "Atrium was interrupted while this was carried out. Whether it had an effect is unknown: check before doing it again.",
    };
  }
  const answered = typeof error.message === "string" ? error.message : `It may not be carried out (${code || status}).`;
  return { ok: false, effect: "none", why: `This was not done. ${REFUSALS.get(code) ?? answered}` };
}

/** True when an answer of the api means that another runner has the run. */
export function isFenced(status: number, code: string): boolean {
  return status === 401 || FENCED.has(code);
}

/** Refusals in the words of what the model can do now. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ["revoked", "Those who allowed it no longer have the right to."],
  ["expired", "It was allowed, but too long ago."],
  [
    "stale_arguments",
    "It is no longer what people allowed: its arguments, or the folder and the sandbox it would run in, are others now. Call it again, so that they can decide on it as it is.",
  ],
]);

function unreachable(error: unknown): Answer {
  return { status: 503, body: { code: "unreachable", message: error instanceof Error ? error.message : String(error) } };
}
