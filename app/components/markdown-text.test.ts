import { describe, expect, it } from "vitest";
import { closeOpen, isOwnFile, safeHref } from "./markdown-text.ts";

describe("links of a message", () => {
  it("lead to the web and to mail, and nowhere else", () => {
    expect(safeHref("https://example.com/a?b=1")).toBe("https://example.com/a?b=1");
    expect(safeHref("mailto:ana@example.com")).toBe("mailto:ana@example.com");
    for (const bad of [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "//evil",
      "/a",
      "",
    ])
      expect(safeHref(bad), bad).toBeUndefined();
  });

  it("show pictures of this Atrium only", () => {
    expect(isOwnFile("/api/companies/co_1/files/fi_1/content?inline=1")).toBe(true);
    for (const bad of [
      "https://tracker.example/p.gif",
      "//e/api/companies/co_1/files/fi_1/content",
      "/api/me",
      "data:image/png;base64,x",
    ])
      expect(isOwnFile(bad), bad).toBe(false);
  });
});

describe("a text that is still being written", () => {
  it("reads as if what is open were closed", () => {
    expect(closeOpen("It is **very imp")).toBe("It is **very imp**");
    expect(closeOpen("It is **")).toBe("It is ");
    expect(closeOpen("Run `npm te")).toBe("Run `npm te`");
    expect(closeOpen("Run `")).toBe("Run ");
    expect(closeOpen("See [the page](https://exa")).toBe("See the page");
    expect(closeOpen("See ![a pic](/api/com")).toBe("See ");
  });

  it("leaves alone what is whole, and everything inside of a fence", () => {
    for (const text of ["Plain.", "**a** and `b`", "[x](https://e.com) done", "```js\nconst a = `${b", "- [ ] one\n- [x] two"])
      expect(closeOpen(text), text).toBe(text);
  });
});
