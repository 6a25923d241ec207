import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namedSkills } from "./named.ts";

const OFFERED = ["tidy", "tidy-up", "report"].map((name) => ({ name, description: "", body: `how to ${name}` }));
const namesIn = (text: string): string[] => namedSkills(text, OFFERED).map(({ name }) => name);

describe("namedSkills", () => {
  it("finds a name that is a word of its own", () => {
    expect(namesIn("/tidy")).toEqual(["tidy"]);
    expect(namesIn("Please\n/tidy\nthe desk")).toEqual(["tidy"]);
    expect(namesIn("First /tidy, then write the /report.")).toEqual(["tidy", "report"]);
    expect(namesIn("Would you /tidy-up?")).toEqual(["tidy-up"]);
  });

  it("leaves paths, addresses and other words alone", () => {
    const texts = [
      "tidy",
      "look in /tidy/report",
      "see x/tidy",
      "https://example.com/tidy",
      "/tidy.md",
      "/Tidy",
      "/tidyup",
      "//tidy",
    ];
    for (const text of texts) expect(namesIn(text), text).toEqual([]);
  });

  it("takes a name that nobody offers for plain text", () => {
    expect(namesIn("/rewrite the /report")).toEqual(["report"]);
    expect(namedSkills("/tidy", [])).toEqual([]);
  });

  it("returns each skill once, with its body, in the order of their mention", () => {
    expect(namedSkills("/report /tidy /report", OFFERED)).toEqual([
      { name: "report", body: "how to report" },
      { name: "tidy", body: "how to tidy" },
    ]);
  });

  it("finds exactly the names that were written, in any text", () => {
    const word = fc.oneof(fc.constantFrom("/tidy", "/tidy-up", "/report"), fc.constantFrom("tidy", "/other", "a/tidy", "/", "—"));
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.constantFrom(" ", "\n", "\t"))), (words) => {
        const written = words.map(([text]) => text).filter((text) => OFFERED.some(({ name }) => text === `/${name}`));
        expect(namesIn(words.flat().join(""))).toEqual([...new Set(written)].map((text) => text.slice(1)));
      }),
    );
  });
});
