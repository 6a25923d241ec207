/**
 * `Idempotency-Key` on POST: a repeat within a day gets the first answer, so a client whose connection broke can simply
 * send again. The key is taken in one write before the work begins; a second request meanwhile is told to wait.
 */
import { createHash } from "node:crypto";
import type { Next } from "hono";
import { StorageFull, WriteRefused } from "../../../db/errors.ts";
import { orRefuse } from "../../../db/write-queue.ts";
import { type AppContext, identityOf } from "../context.ts";
import { ApiError, conflict, invalid } from "../errors.ts";
import type { RoutePolicy } from "../route.ts";
import type { Services } from "../services.ts";

/** ms */
const KEEP_MS = 24 * 3_600_000;
const KEY = /^[\x21-\x7e]{1,200}$/;
const NO_BODY = new Set([204, 205, 304]);

type Claim = { scope: string; key: string; digest: string };

/** Claims this process works on. One that is stored without an answer and is not here was left by a process that died. */
const underWay = new Set<string>();

/** Runs what follows once per key of the caller. The route's policy has let the request in. */
export async function once(c: AppContext, policy: RoutePolicy, next: Next): Promise<Response | undefined> {
  const key = c.req.header("idempotency-key");
  // Without a person there is nobody whose answer could be repeated.
  const personal = policy.auth === "person" || policy.auth === "browser";
  if (c.req.method !== "POST" || key === undefined || !personal) return pass(next);
  if (!KEY.test(key)) throw invalid("Idempotency-Key", "The header Idempotency-Key takes 1 to 200 visible characters.");
  const services = c.get("services");
  const claim: Claim = {
    scope: `${identityOf(c).user.id} POST ${c.req.path}`,
    key,
    digest: createHash("sha256")
      .update(await c.req.text())
      .digest("hex"),
  };
  switch (await take(services, claim)) {
    case "ours":
      return work(c, claim, next);
    case "taken":
      return repeat(c, policy, claim, next);
    case "full":
      // Only what ends work comes this far on a full disk, and its room remembers the command by the same key.
      return pass(next);
  }
}

async function pass(next: Next): Promise<undefined> {
  await next();
  return undefined;
}

async function work(c: AppContext, claim: Claim, next: Next): Promise<undefined> {
  const name = nameOf(claim);
  underWay.add(name);
  try {
    await next();
    await keep(c.get("services"), claim, c);
  } finally {
    underWay.delete(name);
  }
  return undefined;
}

function nameOf({ scope, key }: Claim): string {
  return `${scope} ${key}`;
}

/** Takes the key, unless somebody has it or there is no space to note it. */
async function take({ write, clock, disk, read }: Services, { scope, key, digest }: Claim): Promise<"ours" | "taken" | "full"> {
  const expired = new Date(clock.now() - KEEP_MS).toISOString();
  try {
    if (disk.state === "full") throw new StorageFull("the monitor says so");
    await write(({ now }) => [
      { sql: "DELETE FROM idempotency WHERE at <= ?", args: [expired] },
      {
        sql: "INSERT INTO idempotency (scope, key, digest, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        args: [scope, key, digest, now],
      },
      orRefuse("taken"),
    ]);
    return "ours";
  } catch (error) {
    if (error instanceof WriteRefused) return "taken";
    if (!(error instanceof StorageFull)) throw error;
    void disk.check();
    const { rows } = await read.execute({ sql: "SELECT 1 FROM idempotency WHERE scope = ? AND key = ?", args: [scope, key] });
    return rows.length > 0 ? "taken" : "full";
  }
}

async function repeat(c: AppContext, policy: RoutePolicy, claim: Claim, next: Next): Promise<Response | undefined> {
  const { rows } = await c.get("services").read.execute({
    sql: "SELECT digest, status, response FROM idempotency WHERE scope = ? AND key = ?",
    args: [claim.scope, claim.key],
  });
  const row = rows[0];
  if (row && row.digest !== claim.digest) {
    throw new ApiError(
      422,
      "idempotency_mismatch",
      "This Idempotency-Key was used with another body. Use a new key for a new request.",
    );
  }
  if (!row || row.status === null) {
    const abandoned = row !== undefined && !underWay.has(nameOf(claim));
    if (abandoned && policy.repeat === "safe") return work(c, claim, next);
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
