/** The ways into an account. The last one stays, whatever is removed. */
import { WriteRefused } from "../../db/errors.ts";
import { mustHold, type Statement } from "../../db/write-queue.ts";
import { conflict } from "../api/errors.ts";
import { NO_PASSWORD } from "./passwords.ts";

const LAST_WAY = "last_way_in";

/** Refuses the unit when the person would be locked out after what it removed. */
export function aWayInIsLeft(user: string): Statement {
  return mustHold(
    LAST_WAY,
    `SELECT EXISTS (SELECT 1 FROM users WHERE id = ? AND password_hash <> ?)
      OR EXISTS (SELECT 1 FROM passkeys WHERE user = ?) OR EXISTS (SELECT 1 FROM linked_sign_ins WHERE user = ?)`,
    [user, NO_PASSWORD, user, user],
  );
}

export function explainLastWay(error: unknown): never {
  if (error instanceof WriteRefused && error.code === LAST_WAY) {
    throw conflict(LAST_WAY, "This is your only way in. Set a password or add a passkey first, then remove it.");
  }
  throw error;
}
