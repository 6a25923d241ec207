import { expect, test } from "vitest";
import { isSameSite } from "./cross-site.ts";

const program = { site: undefined, origin: undefined, host: "atrium.example", publicUrl: undefined };

test.each([
  ["a program", {}, true],
  ["our own page", { site: "same-origin", origin: "https://atrium.example" }, true],
  ["an address typed by the person", { site: "none" }, true],
  [
    "our page, by its configured address behind a proxy",
    { origin: "https://a.example", host: "10.0.0.5:3000", publicUrl: "https://a.example" },
    true,
  ],
  [
    "a host that a stranger gave this address, when ours is configured",
    { origin: "http://atrium.example", publicUrl: "https://a.example" },
    false,
  ],
  ["another site", { site: "cross-site", origin: "https://evil.example" }, false],
  ["a sibling", { site: "same-site" }, false],
  ["another site in an old browser", { origin: "https://evil.example" }, false],
  ["a name that begins like ours", { origin: "https://atrium.example.evil" }, false],
  ["another port", { origin: "http://atrium.example:8080" }, false],
  ["a sandboxed frame", { origin: "null" }, false],
  ["a good fetch-site with a bad origin", { site: "same-origin", origin: "https://evil.example" }, false],
])("%s: %o", (_name, source, allowed) => {
  expect(isSameSite({ ...program, ...source })).toBe(allowed);
});
