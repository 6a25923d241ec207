import { expect, test } from "vitest";
import { NO_TIERS } from "./default-tiers.ts";
import { type Known, resolve, usersOf, withoutProvider } from "./resolve.ts";

const a: Known = { id: "prv_a", status: "ok" };
const b: Known = { id: "prv_b", status: "ok" };
const tiers = { fast: [], balanced: ["prv_a/mid", "prv_b/mid"], strong: ["prv_b/big"] };

test("a tier is its models in order; the key that is refused comes last", () => {
  expect(resolve("balanced", [a, b], tiers)).toEqual([
    { provider: "prv_a", model: "mid" },
    { provider: "prv_b", model: "mid" },
  ]);
  expect(resolve("balanced", [{ ...a, status: "wrong_key" }, b], tiers).map(({ provider }) => provider)).toEqual([
    "prv_b",
    "prv_a",
  ]);
  // A trouble that passes by itself does not change the order: the run finds out.
  expect(resolve("balanced", [{ ...a, status: "failing" }, b], tiers)[0]?.provider).toBe("prv_a");
});

test("a tier that names nothing asks its neighbours", () => {
  expect(resolve("fast", [a, b], tiers)[0]).toEqual({ provider: "prv_a", model: "mid" });
  expect(resolve("strong", [a], tiers)).toEqual([{ provider: "prv_a", model: "mid" }]);
});

test("a model chosen by name stands alone, and falls to the default tier when its provider is gone", () => {
  expect(resolve("prv_b/any", [a, b], tiers)).toEqual([{ provider: "prv_b", model: "any" }]);
  expect(resolve("prv_gone/any", [a, b], tiers)[0]).toEqual({ provider: "prv_a", model: "mid" });
});

test("without a provider, and for the rehearsal, nobody answers but the script", () => {
  expect(resolve("strong", [], tiers)).toEqual([]);
  expect(resolve("balanced", [a, b], NO_TIERS)).toEqual([]);
  expect(resolve("rehearsal", [a, b], tiers)).toEqual([]);
});

test("who uses a provider are those it answers first for", () => {
  const agents = ["balanced", "strong", "rehearsal", "prv_b/any"].map((model) => ({ id: model, name: model, model }));
  expect(usersOf("prv_b", agents, [a, b], tiers).map(({ id }) => id)).toEqual(["strong", "prv_b/any"]);
  expect(withoutProvider(tiers, "prv_b")).toEqual({ fast: [], balanced: ["prv_a/mid"], strong: [] });
});
