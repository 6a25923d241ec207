import { describe, expect, it } from "vitest";
import { roleMissing } from "./rights.ts";

describe("who is missing where nobody may decide", () => {
  it("is an operator, or an admin for spending and destroying", () => {
    expect(roleMissing("write", ["member", "viewer"])).toBe("operator");
    expect(roleMissing("unknown", [])).toBe("operator");
    expect(roleMissing("spend", ["operator", "member"])).toBe("admin");
    expect(roleMissing("destroy", ["operator"])).toBe("admin");
  });

  it("is nobody where one of the people may", () => {
    expect(roleMissing("write", ["member", "operator"])).toBeUndefined();
    expect(roleMissing("outward", ["owner"])).toBeUndefined();
    expect(roleMissing("spend", ["admin"])).toBeUndefined();
  });
});
