import { describe, expect, it } from "vitest";
import { CONFIG } from "../testing/recording-room.ts";
import { systemText } from "./system.ts";

const SANDBOX = { kind: "none", reason: "a test", users: undefined } as const;
const textWith = (skills: Parameters<typeof systemText>[3]) => systemText(CONFIG, SANDBOX, "/data/w", skills);

describe("the system text", () => {
  it("lists the skills by name and description, and says nothing of skills where there are none", () => {
    const skills = [
      { name: "tidy", description: "Puts things in order." },
      { name: "report", description: "Says what was done." },
    ];
    expect(textWith(skills)).toContain("\n- /tidy: Puts things in order.\n- /report: Says what was done.");
    expect(textWith([])).not.toContain("kill");
  });
});
