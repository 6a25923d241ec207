import { expect, test } from "vitest";
import { contentSecurityPolicy } from "./security-headers.ts";

test("no inline script, no other origin, no frame", () => {
  const policy = contentSecurityPolicy(undefined, "127.0.0.1:3000");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self' ws://127.0.0.1:3000;");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe-");
});

test("sockets are named by the public address when there is one", () => {
  expect(contentSecurityPolicy("https://a.example", "10.0.0.5:3000")).toContain("connect-src 'self' wss://a.example;");
});

test("a Host header cannot add to the policy", () => {
  expect(contentSecurityPolicy(undefined, "a.example; script-src *")).toContain("connect-src 'self';");
});
