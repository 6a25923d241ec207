import { describe, expect, it } from "vitest";
import { asRefusal } from "./commands.ts";

const refusal = (code: string, extra: object = {}) =>
  asRefusal({ n: 1, ok: false, code, message: "No.", retryable: false, ...extra });

describe("a room's refusal over HTTP", () => {
  it.each([
    ["not_found", 404],
    ["gone", 404],
    ["invalid", 400],
    ["forbidden", 403],
    ["too_many", 429],
    ["deadline", 503],
    ["storage_full", 507],
    ["expired", 409],
    ["already_decided", 409],
  ] as const)("%s is %i", (code, status) => {
    expect(refusal(code).status).toBe(status);
  });

  it("says when to try again what may be tried again", () => {
    expect(refusal("not_ready", { retryable: true })).toMatchObject({ status: 503, retryAfterS: 1 });
  });

  it("names who was first", () => {
    const winner = { by: { id: "u_1", name: "Ana" }, decision: "deny", at: "2026-01-01T00:00:00.000Z" };
    expect(refusal("already_decided", { winner }).details).toEqual({ winner });
  });
});
