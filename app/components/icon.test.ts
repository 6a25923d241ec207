import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ICON_NAMES } from "./icon.tsx";

it("draws every icon that has a name, and names every icon that is drawn", () => {
  const drawn = [...readFileSync(new URL("../assets/icons.svg", import.meta.url), "utf8").matchAll(/<symbol id="([^"]+)"/g)].map(
    (m) => m[1],
  );
  expect(drawn.toSorted()).toEqual([...ICON_NAMES].toSorted());
});
