import { describe, expect, it } from "vitest";
import { readSkill } from "./skill-file.ts";

const file = (about: string, body = "Do it well.") => `---\n${about}\n---\n${body}\n`;
const ABOUT = "name: tidy\ndescription: Puts things in order.";

describe("a SKILL.md", () => {
  it("is a name, a description and a body", () => {
    expect(readSkill("tidy", file(ABOUT, "\n# Tidy\n\n---\n\nFirst look.\n"))).toEqual({
      ok: true,
      skill: { name: "tidy", description: "Puts things in order.", body: "# Tidy\n\n---\n\nFirst look." },
    });
  });

  it("reads the same with the line ends of other systems", () => {
    expect(readSkill("tidy", file(ABOUT, "one\ntwo").replaceAll("\n", "\r\n"))).toEqual(
      readSkill("tidy", file(ABOUT, "one\ntwo")),
    );
  });

  it("takes a description in double quotes, where it holds what YAML would read otherwise", () => {
    const read = readSkill("tidy", file('name: tidy\ndescription: "Two ways: \\"by hand\\" # or not"'));
    expect(read).toMatchObject({ ok: true, skill: { description: 'Two ways: "by hand" # or not' } });
  });

  it.each([
    ["", 'it must begin with lines about it between two lines "---"'],
    ["Do it well.", 'it must begin with lines about it between two lines "---"'],
    [`---\n${ABOUT}\nDo it well.`, 'it must begin with lines about it between two lines "---"'],
    [`\n${file(ABOUT)}`, 'it must begin with lines about it between two lines "---"'],
    [file(`${ABOUT}\nhooks: run.sh`), 'line 4 is not "name: …" or "description: …"'],
    [file(`${ABOUT}\n\n`), 'line 4 is not "name: …" or "description: …"'],
    [file("name:tidy\ndescription: x"), 'line 2 is not "name: …" or "description: …"'],
    [file(`${ABOUT}\nname: tidy`), 'line 4 says "name" a second time'],
    [file("name: tidy\ndescription: Two ways: one"), "the value in line 3 must be plain text, or stand in double quotes"],
    [file("name: tidy\ndescription: |"), "the value in line 3 must be plain text, or stand in double quotes"],
    [file('name: tidy\ndescription: "open'), "the value in line 3 must be plain text, or stand in double quotes"],
    [file("name: tidy\ndescription:"), "the value in line 3 must be plain text, or stand in double quotes"],
    [file("description: x"), "its name must be 1 to 64 of a-z, 0-9 and -"],
    [file("name: ../tidy\ndescription: x"), "its name must be 1 to 64 of a-z, 0-9 and -"],
    [file(`name: ${"x".repeat(65)}\ndescription: x`), "its name must be 1 to 64 of a-z, 0-9 and -"],
    [file("name: other\ndescription: x"), 'its name "other" must be that of its folder'],
    [file("name: tidy"), "its description must be one line of 1 to 1024 characters"],
    [file(`name: tidy\ndescription: ${"x".repeat(1_025)}`), "its description must be one line of 1 to 1024 characters"],
    [file('name: tidy\ndescription: "two\\nlines"'), "its description must be one line of 1 to 1024 characters"],
    [file('name: tidy\ndescription: " "'), "its description must be one line of 1 to 1024 characters"],
    [file(ABOUT, "  \n"), "it has no body"],
  ])("is refused with the reason: %j", (text, why) => {
    expect(readSkill("tidy", text)).toEqual({ ok: false, why });
  });
});
