/** The right to carry out an approved call, asked of the company's room through the api. */
import { request } from "node:http";
import { signRequest } from "../../party/protocol/sign.ts";
import { type ExecuteClaim, type ExecutePort, LeaseLost } from "../runtimes/contract.ts";
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

export type ExecuteOptions = {
  /** `http://127.0.0.1:…`, the api's loopback address */
  internalUrl: string;
  secret: string;
  run: string;
  fence: number;
  token: string;
  lost: AbortSignal;
  clock: Clock;
};

type Answer = { status: number; body: Record<string, unknown> };

export function executeClient(options: ExecuteOptions): ExecutePort {
  const { run, fence, lost, clock } = options;
  const path = (verb: string): string => `/internal/runs/${encodeURIComponent(run)}/${verb}`;

  /** Asks until there is an answer. The room answers a repeated question of the same fence as the first. */
  async function ask(verb: string, body: object, untilMs: number): Promise<Answer> {
    const startedAt = clock.now();
    for (;;) {
      if (lost.aborted) throw new LeaseLost("the lease is gone");
      const answer = await post(options, path(verb), JSON.stringify(body)).catch((error: unknown) => unreachable(error));
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
  if (status === 401 || FENCED.has(code)) throw new LeaseLost("the run's token is no longer valid");
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

/** `node:http` and not `fetch`: the runner stays several MiB smaller. */
function post({ internalUrl, secret, token }: ExecuteOptions, path: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...signRequest(secret, "POST", path, body, Date.now()),
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
    };
    const sent = request(new URL(path, internalUrl), { method: "POST", headers, timeout: ANSWER_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 500, body: readRecord(Buffer.concat(chunks).toString("utf8")) });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

function readRecord(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
