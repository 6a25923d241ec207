import { expect, test } from "vitest";
import { newUuid } from "./uuid.ts";

test("every id is a UUID of version 4, and a new one", () => {
  const ids = Array.from({ length: 1_000 }, newUuid);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
