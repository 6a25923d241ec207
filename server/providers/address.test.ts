import { expect, test } from "vitest";
import { addressOf, readAddress } from "./address.ts";

test.each([
  ["openai", "http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"],
  ["openai", "localhost:11434", "http://localhost:11434/v1"],
  ["openai", " https://gateway.example/openai/v1/ ", "https://gateway.example/openai/v1"],
  ["openai", "https://gateway.example/v1/chat/completions", "https://gateway.example/v1"],
  ["anthropic", "https://gateway.example/v1", "https://gateway.example"],
  ["anthropic", "https://gateway.example/v1/messages", "https://gateway.example"],
  ["anthropic", "http://10.0.0.7:8080/anthropic/", "http://10.0.0.7:8080/anthropic"],
  ["gemini", "https://proxy.example/v1beta", "https://proxy.example"],
] as const)("%s: %j is %j", (protocol, typed, baseUrl) => {
  expect(readAddress(typed, protocol)).toEqual({ ok: true, baseUrl });
});

test.each([
  "",
  "   ",
  "::::",
  "http://",
  "http://a b/v1",
  "http://a\nb",
  "file:///etc/passwd",
  "ftp://host",
  "javascript:alert(1)",
  "https://key:secret@host/v1",
  "https://host/v1?key=secret",
  "https://host/v1#x",
  `https://host/${"x".repeat(600)}`,
])("%j is refused with a sentence", (typed) => {
  const read = readAddress(typed, "openai");
  expect(read.ok).toBe(false);
  if (!read.ok) expect(read.why).toMatch(/^[A-Z].*\.$/);
});

test("without an address a protocol is at home", () => {
  expect(addressOf({ kind: "openai", baseUrl: null })).toBe("https://api.openai.com/v1");
  expect(addressOf({ kind: "anthropic", baseUrl: "http://here" })).toBe("http://here");
});
