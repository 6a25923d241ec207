/**
 * `Idempotency-Key` on POST: a repeat within a day gets the first answer, so a client whose connection broke can simply
 * send again. The key is taken in one write before the work begins; a second request meanwhile is told to wait.
 */
import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { WriteRefused } from "../../../db/errors.ts";
import { orRefuse } from "../../../db/write-queue.ts";
import { authenticate } from "../../auth/authenticate.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { ApiError, conflict, invalid, storageFull } from "../errors.ts";
import type { Services } from "../services.ts";

/** ms */
const KEEP_MS = 24 * 3_600_000;
const KEY = /^[\x21-\x7e]{1,200}$/;
const NO_BODY = new Set([204, 205, 304]);

type Claim = { scope: string; key: string; digest: string };

export const idempotency: MiddlewareHandler<AppEnv> = async (c, next) => {
  const key = c.req.header("idempotency-key");
  if (c.req.method !== "POST" || key === undefined) return next();
  if (!KEY.test(key)) throw invalid("Idempotency-Key", "The header Idempotency-Key takes 1 to 200 visible characters.");
  const identity = await authenticate(c);
  // Without a person there is nobody whose answer could be repeated; the route itself refuses or allows.
  if (!identity) return next();
  const services = c.get("services");
  if (services.disk.state === "full") throw storageFull();
  const claim: Claim = {
    scope: `${identity.user.id} POST ${c.req.path}`,
    key,
    digest: createHash("sha256")
      .update(await c.req.text())
      .digest("hex"),
  };
  if (!(await take(services, claim))) return repeat(services, claim);
  await next();
  await keep(services, claim, c);
};

/** Takes the key; false when it is taken. */
async function take({ write, clock }: Services, { scope, key, digest }: Claim): Promise<boolean> {
  const expired = new Date(clock.now() - KEEP_MS).toISOString();
  try {
    await write(({ now }) => [
      { sql: "DELETE FROM idempotency WHERE at <= ?", args: [expired] },
      {
        sql: "INSERT INTO idempotency (scope, key, digest, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        args: [scope, key, digest, now],
      },
      orRefuse("taken"),
    ]);
    return true;
  } catch (error) {
    if (error instanceof WriteRefused) return false;
    throw error;
  }
}

async function repeat({ read }: Services, { scope, key, digest }: Claim): Promise<Response> {
  const { rows } = await read.execute({
    sql: "SELECT digest, status, response FROM idempotency WHERE scope = ? AND key = ?",
    args: [scope, key],
  });
  const row = rows[0];
  if (row && row.digest !== digest) {
    throw new ApiError(
      422,
      "idempotency_mismatch",
      "This Idempotency-Key was used with another body. Use a new key for a new request.",
    );
  }
  if (!row || row.status === null) {
    throw conflict(
      "in_progress",
      "The first request with this Idempotency-Key has no answer yet. Look whether it took effect before you use a new key.",
    );
  }
  if (row.response === null) {
    throw conflict(
      "shown_once",
      "The first request with this Idempotency-Key was done; its answer held a secret that is shown only once.",
    );
  }
  const empty = NO_BODY.has(Number(row.status));
  return new Response(empty ? null : String(row.response), {
    status: Number(row.status),
    headers: { "content-type": "application/json", "idempotent-replay": "true" },
  });
}

/** Keeps a final answer. What failed on our side, or may be tried again, frees the key. */
async function keep({ write, log }: Services, { scope, key }: Claim, c: AppContext): Promise<void> {
  const { status } = c.res;
  const final = status < 500 && status !== 429;
  const response = final && !c.get("holdsSecret") ? await c.res.clone().text() : null;
  await write(() => [
    final
      ? {
          sql: "UPDATE idempotency SET status = ?, response = ? WHERE scope = ? AND key = ?",
          args: [status, response, scope, key],
        }
      : { sql: "DELETE FROM idempotency WHERE scope = ? AND key = ?", args: [scope, key] },
  ]).catch((error: unknown) => log.error({ error }, "the answer of an idempotent request could not be kept"));
}
