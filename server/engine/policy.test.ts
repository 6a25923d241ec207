import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TOOL_PROFILES } from "../../party/protocol/agent.ts";
import { POLICIES, RISKS } from "../../party/protocol/common.ts";
import { type PolicySubject, toolPolicy } from "./policy.ts";

const tool = (name: string, risk: PolicySubject["risk"], unconfined = false): PolicySubject => ({ name, risk, unconfined });

describe("toolPolicy", () => {
  it("lets the default profile read and write its workspace, and asks before everything else", () => {
    const coding = { profile: "coding" as const };
    expect(toolPolicy(tool("read_file", "read"), coding)).toBe("auto");
    expect(toolPolicy(tool("write_file", "write"), coding)).toBe("auto");
    expect(toolPolicy(tool("shell", "write"), coding)).toBe("ask");
    for (const risk of ["outward", "spend", "destroy", "unknown"] as const) {
      expect(toolPolicy(tool("other", risk), coding)).toBe("ask");
    }
  });

  it("takes a rule for the tool before one for its risk", () => {
    const config = { profile: "coding" as const, rules: { write: "ask" as const, edit_file: "auto" as const } };
    expect(toolPolicy(tool("edit_file", "write"), config)).toBe("auto");
    expect(toolPolicy(tool("write_file", "write"), config)).toBe("ask");
  });

  it("knows no rule for a tool that is called like a part of every object", () => {
    expect(toolPolicy(tool("constructor", "outward"), { profile: "coding", rules: {} })).toBe("ask");
  });

  const anyConfig = fc.record({
    profile: fc.constantFrom(...TOOL_PROFILES),
    rules: fc.dictionary(fc.constantFrom("shell", "read_file", ...RISKS), fc.constantFrom(...POLICIES)),
  });
  const anyTool = fc.record({
    name: fc.constantFrom("shell", "read_file", "other"),
    risk: fc.constantFrom(...RISKS),
    unconfined: fc.boolean(),
  });

  it("never runs what any rule denies", () => {
    fc.assert(
      fc.property(anyTool, anyConfig, (subject, config) => {
        const denied = config.rules[subject.name] === "deny" || config.rules[subject.risk] === "deny";
        if (denied) expect(toolPolicy(subject, config)).toBe("deny");
      }),
    );
  });

  it("never runs a command without a sandbox unasked", () => {
    fc.assert(
      fc.property(anyTool, anyConfig, (subject, config) => {
        expect(toolPolicy({ ...subject, unconfined: true }, config)).not.toBe("auto");
      }),
    );
  });

  it("lets no profile spend or destroy without a rule", () => {
    for (const profile of TOOL_PROFILES) {
      for (const risk of ["spend", "destroy", "unknown"] as const) {
        expect(toolPolicy(tool("other", risk), { profile })).not.toBe("auto");
      }
    }
  });
});
