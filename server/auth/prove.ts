/** Asks a signed-in person to prove once more who they are: a browser left open must not be enough to take an account over. */
import { type AppContext, identityOf } from "../api/context.ts";
import { ApiError, forbidden, invalid } from "../api/errors.ts";
import { accountKey, beginAttempt } from "./lockout.ts";
import { NO_PASSWORD } from "./passwords.ts";

/** ms a sign-in counts as proof for people without a password */
const FRESH_MS = 15 * 60_000;

/**
 * Passes with the current password; for people who have none, with a sign-in of the last quarter of an hour.
 * @throws {ApiError} 400 naming the field, or 403 `sign_in_again`
 */
export async function proveAgain(c: AppContext, currentPassword: string | undefined): Promise<void> {
  const services = c.get("services");
  const { user, via } = identityOf(c);
  if (via.kind !== "session") throw forbidden("An API key cannot do this. Sign in with a browser.");
  const { rows } = await services.read.execute({ sql: "SELECT password_hash FROM users WHERE id = ?", args: [user.id] });
  const stored = rows[0] ? String(rows[0].password_hash) : NO_PASSWORD;
  if (stored === NO_PASSWORD) {
    if (services.clock.now() - Date.parse(via.since) <= FRESH_MS) return;
    throw new ApiError(
      403,
      "sign_in_again",
      "Sign out, sign in once more and do this within a quarter of an hour: you have no password to prove yourself with.",
    );
  }
  if (currentPassword === undefined) throw invalid("currentPassword", "Give the current password too.");
  // A stolen open browser must not be a way to guess the password faster than the sign-in page.
  const attempt = await beginAttempt(services, [accountKey(user.email)]);
  if (!(await services.passwords.verify(currentPassword, stored))) {
    throw invalid("currentPassword", "The current password is not right.");
  }
  await services.write(() => attempt.succeeded());
}
