/**
 * What the operator of a server does to the records of an instance. The running api carries it out for the command line; where nothing
 * runs, the command line does so itself with the same functions.
 */
import { z } from "zod";
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import { newId } from "../../party/protocol/ids.ts";
import type { Services } from "../api/services.ts";
import { makeApiKey } from "../auth/api-keys.ts";
import { NO_PASSWORD } from "../auth/passwords.ts";
import { OPERATOR, resetPassword } from "../auth/reset.ts";

const MAX_NAME = 80;
const email = z.string().trim().toLowerCase().pipe(z.email()).pipe(z.string().max(254));
const name = z.string().trim().min(1).max(MAX_NAME);

export const operatorRequest = z.discriminatedUnion("do", [
  z.object({ do: z.literal("user.create"), email, name, owner: z.boolean() }),
  z.object({ do: z.literal("user.reset"), email }),
  z.object({ do: z.literal("key.create"), email, name }),
]);
export type OperatorRequest = z.infer<typeof operatorRequest>;

/** `token`: opens the page that sets a password, until the time beside it. `key`: shown once. `no`: why not, for a person. */
export const operatorAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("link"), name: z.string(), token: z.string(), until: z.string() }),
  z.object({ kind: z.literal("key"), name: z.string(), key: z.string() }),
  z.object({ kind: z.literal("no"), why: z.string() }),
]);
export type OperatorAnswer = z.infer<typeof operatorAnswer>;

/** The records alone: what there is also where no api runs. */
export type Records = Pick<Services, "read" | "write" | "clock">;

/** Carries a request out, with its entry in the audit. */
export async function operate(records: Records, request: OperatorRequest): Promise<OperatorAnswer> {
  switch (request.do) {
    case "user.create":
      return createUser(records, request);
    case "user.reset":
      return linkFor(records, request.email);
    case "key.create":
      return createKey(records, request);
  }
}

/** An account without a password, and a link that sets one. */
async function createUser(records: Records, request: Extract<OperatorRequest, { do: "user.create" }>): Promise<OperatorAnswer> {
  const id = newId("u", records.clock.now());
  try {
    await records.write(
      ({ now, activity }) => [
        {
          // The first person owns the instance, however they came.
          sql: `INSERT INTO users (id, email, name, timezone, password_hash, instance_owner, created_at)
            SELECT ?, ?, ?, 'UTC', ?, max(?, NOT EXISTS (SELECT 1 FROM users)), ?`,
          args: [id, request.email, request.name, NO_PASSWORD, request.owner ? 1 : 0, now],
          refuse: "email_taken",
        },
        activity({
          chain: INSTANCE_CHAIN,
          actor: OPERATOR,
          action: "account.created",
          subject: { kind: "person", id },
          data: { by: "operator" },
        }),
      ],
      { chains: [INSTANCE_CHAIN] },
    );
  } catch (error) {
    if (!(error instanceof WriteRefused)) throw error;
    return { kind: "no", why: `There is an account with ${request.email} already. For a new password: user reset-password.` };
  }
  return linkFor(records, request.email);
}

async function linkFor(records: Records, address: string): Promise<OperatorAnswer> {
  const outcome = await resetPassword(records, address);
  if (outcome.kind === "nobody") return nobody(address);
  return { kind: "link", name: outcome.person.name, token: outcome.token, until: outcome.until };
}

async function createKey(records: Records, request: Extract<OperatorRequest, { do: "key.create" }>): Promise<OperatorAnswer> {
  const { read, write, clock } = records;
  const { rows } = await read.execute({ sql: "SELECT id, name FROM users WHERE email = ?", args: [request.email] });
  const [person] = rows;
  if (!person) return nobody(request.email);
  const made = makeApiKey(clock.now());
  await write(
    ({ now, activity }) => [
      {
        sql: "INSERT INTO api_keys (id, user, name, prefix, hash, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        args: [made.id, String(person.id), request.name, made.prefix, made.hash, now],
      },
      activity({
        chain: INSTANCE_CHAIN,
        actor: OPERATOR,
        action: "api_key.created",
        subject: { kind: "api_key", id: made.id },
        data: { name: request.name, for: String(person.id) },
      }),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
  return { kind: "key", name: String(person.name), key: made.key };
}

function nobody(address: string): OperatorAnswer {
  return { kind: "no", why: `Nobody has an account with ${address}.` };
}
