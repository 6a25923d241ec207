/** Bodies: JSON only, and no larger than anyone needs. A size that is not announced is checked while reading. */
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { AppEnv } from "../context.ts";
import { ApiError } from "../errors.ts";

/** bytes */
const BODY_LIMIT = 1024 * 1024;

/** The bytes of an upload: counted by what the upload announced, and written to the disk as they come. */
const UPLOAD = /^\/api\/companies\/[^/]+\/uploads\/[^/]+$/;
const UPLOAD_TYPE = "application/offset+octet-stream";

const JSON_TYPE = /^application\/json(\s*;|$)/i;
const WITHOUT_BODY = new Set(["GET", "HEAD", "OPTIONS", "DELETE"]);

/** @param maxSize bytes */
export function limitBody(maxSize: number = BODY_LIMIT): MiddlewareHandler<AppEnv> {
  const tooLarge = () => {
    throw new ApiError(413, "too_large", `The request is larger than ${maxSize / 1024} KiB.`);
  };
  const counted = bodyLimit({ maxSize, onError: tooLarge });
  return async (c, next) => {
    if (isUpload(c)) return next();
    const announced = c.req.header("content-length");
    // Node reads no more than a request announces. Only a body of unknown length must be counted as it arrives; the stream
    // that takes costs a fifth of a small request.
    if (announced === undefined || c.req.header("transfer-encoding") !== undefined) return counted(c, next);
    if (Number(announced) > maxSize) return tooLarge();
    await next();
  };
}

/** True for the one kind of request whose body is neither JSON nor small. No page of another site can send that type unasked. */
function isUpload(c: Context): boolean {
  return c.req.method === "PATCH" && c.req.header("content-type") === UPLOAD_TYPE && UPLOAD.test(c.req.path);
}

/** A form can be posted by any page without asking; JSON cannot. An empty body needs no type. */
export const jsonOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  const type = c.req.header("content-type");
  const empty = c.req.header("content-length") === "0" || (!c.req.header("content-length") && !c.req.header("transfer-encoding"));
  if (!isUpload(c) && !WITHOUT_BODY.has(c.req.method) && !(type === undefined ? empty : JSON_TYPE.test(type))) {
    throw new ApiError(415, "not_json", "Send JSON, with the header `content-type: application/json`.");
  }
  await next();
};
