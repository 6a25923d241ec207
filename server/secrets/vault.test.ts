import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createVault, VaultError } from "./vault.ts";

const secret = () => randomBytes(32).toString("base64url");

test("what was sealed opens in its own place only", () => {
  const vault = createVault(secret());
  const sealed = vault.seal("sk-ä🔑", "provider:prv_1");
  expect(sealed).not.toContain("sk-");
  expect(vault.open(sealed, "provider:prv_1")).toBe("sk-ä🔑");
  expect(() => vault.open(sealed, "provider:prv_2")).toThrow(VaultError);
});

test("the same text is sealed differently each time", () => {
  const vault = createVault(secret());
  expect(vault.seal("a", "x")).not.toBe(vault.seal("a", "x"));
});

test("a changed value, another key and garbage do not open, and the error shows nothing of them", () => {
  const vault = createVault(secret());
  const sealed = vault.seal("sk-secret", "x");
  const changed = `${sealed.slice(0, -4)}${sealed.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
  for (const [one, value] of [
    [vault, changed],
    [createVault(secret()), sealed],
    [vault, ""],
    [vault, "v1."],
    [vault, "v9.abc"],
  ] as const) {
    expect(() => one.open(value, "x")).toThrow(/^The sealed value of x cannot be opened/);
  }
});
