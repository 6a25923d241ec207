import { describe, expect, it } from "vitest";
import { originAllowed } from "./origin.ts";

const host = "atrium.local:3000";

describe("originAllowed", () => {
  it.each([
    ["the page's own host", { origin: "http://atrium.local:3000", host }, true],
    ["the same host in other letters", { origin: "http://Atrium.Local:3000", host: "ATRIUM.local:3000" }, true],
    ["https in front of a proxy that keeps Host", { origin: "https://atrium.example", host: "atrium.example" }, true],
    [
      "the public address behind a proxy that does not",
      { origin: "https://atrium.example", publicUrl: "https://atrium.example" },
      true,
    ],
    ["the host, when a public address is set", { origin: `http://${host}`, host, publicUrl: "https://atrium.example" }, false],
    ["another port", { origin: "http://atrium.local:8080", host }, false],
    ["another site", { origin: "https://evil.example", host }, false],
    ["a site whose name begins with ours", { origin: "http://atrium.local:3000.evil.example", host }, false],
    ["our host as the user of another", { origin: "http://atrium.local:3000@evil.example", host }, false],
    ["the opaque origin", { origin: "null", host }, false],
    ["an extension", { origin: "chrome-extension://atrium.local:3000", host }, false],
    ["an empty origin", { origin: "", host }, false],
    ["a program with a ticket", { origin: undefined, hasTicket: true }, true],
    ["a program without one", { origin: undefined, hasTicket: false }, false],
    ["no host at all", { origin: "http://atrium.local:3000", host: undefined }, false],
  ])("%s", (_name, given, allowed) => {
    expect(originAllowed({ host, publicUrl: undefined, hasTicket: true, ...given })).toBe(allowed);
  });
});
