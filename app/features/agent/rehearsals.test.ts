import { describe, expect, it } from "vitest";
import { REHEARSALS } from "./rehearsals.ts";

describe("the one-click rehearsals", () => {
  it("are the bundled skills, under the names people press", () => {
    expect(REHEARSALS.map(({ skill, title }) => [skill, title])).toEqual([
      ["rehearse-consent", "Ask before a command"],
      ["rehearse-a-file", "Write a file"],
      ["rehearse-a-question", "Ask a question"],
      ["rehearse-a-long-answer", "Think for a minute"],
    ]);
  });

  it("ask in plain words, which give the run its title, and name the skill below", () => {
    expect(REHEARSALS[0]).toMatchObject({
      shows: "The run stops at a shell command until someone here allows it.",
      prompt: "Look into the workspace\n/rehearse-consent",
    });
    for (const { prompt, skill } of REHEARSALS) expect(prompt).toMatch(new RegExp(`^[A-Z][^/@\\n]+\\n/${skill}$`));
  });
});
