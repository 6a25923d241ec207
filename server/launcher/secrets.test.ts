import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadGeneration, loadSecrets } from "./secrets.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "atrium-secrets-"));
const mode = (path: string): number => statSync(path).mode & 0o777;

describe("secrets", () => {
  it("are made once, 32 random bytes each, readable only by their owner", () => {
    const data = folder();
    const first = loadSecrets(data, {});
    for (const secret of Object.values(first)) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(new Set(Object.values(first)).size).toBe(3);
    expect(mode(join(data, "secrets"))).toBe(0o700);
    for (const name of ["rooms", "tickets", "vault"]) expect(mode(join(data, "secrets", `${name}.key`))).toBe(0o600);
    expect(loadSecrets(data, {})).toEqual(first);
  });

  it("get their narrow rights back after a restore that widened them", () => {
    const data = folder();
    loadSecrets(data, {});
    chmodSync(join(data, "secrets"), 0o755);
    chmodSync(join(data, "secrets/rooms.key"), 0o644);
    loadSecrets(data, {});
    expect(mode(join(data, "secrets"))).toBe(0o700);
    expect(mode(join(data, "secrets/rooms.key"))).toBe(0o600);
  });

  it("are refused when damaged, and never replaced", () => {
    const data = folder();
    loadSecrets(data, {});
    writeFileSync(join(data, "secrets/tickets.key"), "short");
    expect(() => loadSecrets(data, {})).toThrow(/tickets\.key does not hold a secret/);
    expect(readFileSync(join(data, "secrets/tickets.key"), "utf8")).toBe("short");
  });

  it("come from the environment where machines share no folder", () => {
    const given = Buffer.alloc(32, 7).toString("base64url");
    expect(loadSecrets(folder(), { ATRIUM_ROOMS_SECRET: given }).rooms).toBe(given);
    expect(() => loadSecrets(folder(), { ATRIUM_ROOMS_SECRET: "weak" })).toThrow(/ATRIUM_ROOMS_SECRET must be/);
  });
});

describe("the generation", () => {
  it("is 1 at first, then what a restore made of it", () => {
    const data = folder();
    expect(loadGeneration(data)).toBe(1);
    writeFileSync(join(data, "generation"), "7\n");
    expect(loadGeneration(data)).toBe(7);
    writeFileSync(join(data, "generation"), "many");
    expect(() => loadGeneration(data)).toThrow(/does not hold a generation/);
  });
});
