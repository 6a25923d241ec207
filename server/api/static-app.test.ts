import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp } from "./test-app.ts";

const root = mkdtempSync(join(tmpdir(), "atrium-static-"));
let app: TestApp;

beforeAll(async () => {
  mkdirSync(join(root, "dist", "app", "assets"), { recursive: true });
  writeFileSync(join(root, "dist", "app", "index.html"), "<!doctype html><title>Atrium</title>");
  writeFileSync(join(root, "dist", "app", "favicon.svg"), "<svg/>");
  writeFileSync(join(root, "dist", "app", "assets", "main-abc123.js"), `console.log("${"x".repeat(5_000)}");`);
  writeFileSync(join(root, "secret.txt"), "not yours");
  app = await TestApp.open({ appRoot: root });
});
afterAll(async () => {
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

test.each(["/", "/join?invite=x", "/c/co_1/agents/ag_1"])("%s is the page, always asked for again", async (path) => {
  const { status, text, headers } = await app.call("GET", path);
  expect([status, text, headers.get("cache-control")]).toEqual([200, "<!doctype html><title>Atrium</title>", "no-cache"]);
});

test("hashed files are kept for ever, others are asked for again", async () => {
  expect((await app.call("GET", "/assets/main-abc123.js")).headers.get("cache-control")).toContain("immutable");
  expect((await app.call("GET", "/favicon.svg")).headers.get("cache-control")).toBe("no-cache");
});

test("large files travel compressed", async () => {
  const { headers } = await app.call("GET", "/assets/main-abc123.js", { headers: { "accept-encoding": "gzip" } });
  expect(headers.get("content-encoding")).toBe("gzip");
});

test("a hashed file that is gone is an error, not the page", async () => {
  expect(await app.call("GET", "/assets/main-old.js")).toMatchObject({ status: 404 });
});

test.each(["/../secret.txt", "/..%2f..%2fsecret.txt", "/%2e%2e/%2e%2e/secret.txt", "/assets/..%5c..%5csecret.txt", "/%00"])(
  "%s leads nowhere outside",
  async (path) => {
    expect((await app.call("GET", path)).text).not.toContain("not yours");
  },
);

test("nothing is posted to a screen", async () => {
  expect(await app.call("POST", "/", { body: {} })).toMatchObject({ status: 404 });
});
