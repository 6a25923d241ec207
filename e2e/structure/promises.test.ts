import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

it("names only tests that exist, and quotes only titles they have", () => {
  const rows = readFileSync(join(ROOT, "docs/promises.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| ") && line.includes("`"));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const paths = [...row.matchAll(/`((?:party|server|app|db|e2e)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
    for (const path of paths) expect(existsSync(join(ROOT, path)), `${path}, named in: ${row}`).toBe(true);
    const texts = paths.filter((path) => path.endsWith(".ts")).map((path) => readFileSync(join(ROOT, path), "utf8"));
    for (const [, title = ""] of row.matchAll(/"([^"]+)"/g)) {
      expect(
        texts.some((text) => text.includes(title)),
        `a test called "${title}"`,
      ).toBe(true);
    }
  }
});
