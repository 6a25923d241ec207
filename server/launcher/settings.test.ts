import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { localUrl, publicUrl, readSettings } from "./settings.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (args: string[], env: NodeJS.ProcessEnv = {}) => readSettings(args, env, ROOT);

describe("settings", () => {
  it("have defaults for one machine", () => {
    expect(read([])).toMatchObject({ data: resolve(ROOT, "data"), host: "127.0.0.1", port: 3_000, only: undefined, dev: false });
  });

  it.each([
    [["--only", "bridge"], {}, /There is no process "bridge"/],
    [["--verbose"], {}, /Unknown option '--verbose'.*Usage/],
    [[], { PORT: "http" }, /PORT is "http"\. It must be a whole number from 0 to 65535/],
    [[], { PORT: "70000" }, /PORT is "70000"/],
    [["--only", "api"], {}, /--only api needs ATRIUM_ROOMS_URL and ATRIUM_INTERNAL_URL/],
    [[], { ATRIUM_ROOMS_URL: "rooms" }, /ATRIUM_ROOMS_URL is "rooms"\. It must be an address with a port/],
  ])("refuse %j %j with a sentence", (args, env, sentence) => {
    expect(() => read(args, env)).toThrow(sentence);
  });

  it("tell the address people open", () => {
    expect(publicUrl(read([]), 3_000)).toBe("http://127.0.0.1:3000");
    expect(publicUrl(read([], { ATRIUM_URL: "https://atrium.example" }), 3_000)).toBe("https://atrium.example");
    expect(publicUrl(read([], { HOST: "0.0.0.0" }), 3_000)).not.toContain("0.0.0.0");
    expect(localUrl("::", 3_000)).toBe("http://127.0.0.1:3000");
    expect(localUrl("::1", 3_000)).toBe("http://[::1]:3000");
  });
});
