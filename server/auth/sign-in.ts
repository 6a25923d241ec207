/** The end of every way in: the account may be used, it is noted who came, and the browser gets its session. */
import { INSTANCE_CHAIN } from "../../db/audit.ts";
import { WriteRefused } from "../../db/errors.ts";
import type { Statement } from "../../db/write-queue.ts";
import type { AppContext } from "../api/context.ts";
import { ApiError } from "../api/errors.ts";
import { setSessionCookie } from "./cookie.ts";
import { networkOf } from "./network.ts";
import type { SessionUser } from "./sessions.ts";

/** What a person proved themselves with, for the audit. */
export type Way = "password" | "passkey" | "google" | "microsoft" | "reset link";

/** A person as a way in finds them. */
export type Found = { user: SessionUser; disabled: boolean };

/** The columns of `Found`, from `users u`. */
export const FOUND_COLUMNS = "u.id, u.email, u.name, u.timezone, u.instance_owner, u.disabled_at";

export function foundOf(row: Record<string, unknown>): Found {
  return {
    user: {
      id: String(row.id),
      email: String(row.email),
      name: String(row.name),
      timezone: String(row.timezone),
      instanceOwner: row.instance_owner === 1,
    },
    disabled: row.disabled_at !== null,
  };
}

/** 403. Said only to somebody who has proved that the account is theirs. */
export function disabledAccount(): ApiError {
  return new ApiError(
    403,
    "disabled",
    "This account was switched off by the owner of this instance. Ask them to switch it on again.",
  );
}

/**
 * Signs a person in who has proved who they are.
 * @param also written together with the audit's line
 * @throws {ApiError} `disabled`
 */
export async function signInAs(c: AppContext, { user, disabled }: Found, way: Way, also: readonly Statement[]): Promise<void> {
  if (disabled) throw disabledAccount();
  await c.get("services").write(
    ({ activity }) => [
      ...also,
      activity({
        chain: INSTANCE_CHAIN,
        actor: { id: user.id, name: user.name, kind: "person" },
        action: "session.started",
        subject: { kind: "person", id: user.id },
        data: { by: way },
      }),
    ],
    { chains: [INSTANCE_CHAIN] },
  );
  await startSession(c, user.id);
}

/** Gives this browser a session. @throws {ApiError} `disabled` */
export async function startSession(c: AppContext, person: string): Promise<void> {
  const from = { device: c.req.header("user-agent") ?? "a browser", network: networkOf(c.get("address")) };
  try {
    const { token, expiresAt } = await c.get("services").sessions.start(person, from);
    setSessionCookie(c, token, expiresAt);
  } catch (error) {
    throw error instanceof WriteRefused && error.code === "disabled" ? disabledAccount() : error;
  }
}
