/** The one error type of the API. Every refusal is a code for programs, one plain sentence, and what to do. */
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { StorageFull, WriteRefused } from "../../db/errors.ts";
import { PasswordsBusy } from "../auth/passwords.ts";

export type ErrorBody = {
  error: { code: string; message: string; details?: Record<string, unknown>; requestId: string };
};

type Extra = {
  details?: Record<string, unknown>;
  /** s, for the `Retry-After` header */
  retryAfterS?: number;
};

export class ApiError extends Error {
  override name = "ApiError";
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly details: Record<string, unknown> | undefined;
  readonly retryAfterS: number | undefined;

  constructor(status: ContentfulStatusCode, code: string, message: string, extra: Extra = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = extra.details;
    this.retryAfterS = extra.retryAfterS;
  }
}

/** The code of the guard that re-checks a member's rights inside the write. */
export const RIGHTS_CHANGED = "rights_changed";

/** 404. Foreign and non-existent things answer alike, so that ids tell nothing. */
export function notFound(): ApiError {
  return new ApiError(404, "not_found", "There is nothing here that you can see.");
}

export function unauthenticated(): ApiError {
  return new ApiError(401, "unauthenticated", "Sign in first, or send an API key.");
}

export function forbidden(message: string): ApiError {
  return new ApiError(403, "forbidden", message);
}

/** 400 for what the schema cannot say. `field` is its path in the body. */
export function invalid(field: string, message: string): ApiError {
  return new ApiError(400, "invalid", message, { details: { field } });
}

/** 409. `details` tell the current version and who made it. */
export function conflict(code: string, message: string, details?: Record<string, unknown>): ApiError {
  return new ApiError(409, code, message, { details });
}

/** 503 while the rooms are away; they are started again within seconds. */
export function roomsAway(): ApiError {
  return new ApiError(503, "rooms_away", "The live rooms are restarting. Try again in a moment.", { retryAfterS: 1 });
}

/** 507: nothing new can be stored; reading goes on. */
export function storageFull(): ApiError {
  return new ApiError(
    507,
    "storage_full",
    "The disk of this instance is full, so nothing new can be stored. Free some space on it; work goes on by itself then.",
    { retryAfterS: 10 },
  );
}

/** The answer to any thrown value. Only errors meant for people keep their words. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof HTTPException) return new ApiError(error.status, "invalid", error.message || "The request is not valid.");
  if (error instanceof StorageFull) return storageFull();
  if (error instanceof PasswordsBusy) {
    return new ApiError(503, "busy", "Many people are signing in right now. Try again in a few seconds.", { retryAfterS: 2 });
  }
  if (error instanceof WriteRefused) {
    if (error.code === RIGHTS_CHANGED) return forbidden("Your role here changed a moment ago. Load the page again.");
    return conflict(error.code, "Something else changed this first. Load it again and retry.");
  }
  return new ApiError(
    500,
    "internal",
    "Something went wrong here. The log of the api process has the details under this request id.",
  );
}
