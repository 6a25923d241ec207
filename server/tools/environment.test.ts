import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PRELUDE_VARIABLE, type Surroundings, spawnEnvironment } from "./environment.ts";

const AROUND: Surroundings = { home: "/home/agent", tmp: "/tmp", programs: ["/opt/node/bin"] };

/** What a command would see, through a real shell. */
function seen(run: Record<string, string>): Map<string, string> {
  const env = spawnEnvironment(run, AROUND);
  const output = execFileSync("/bin/sh", ["-c", `eval "$${PRELUDE_VARIABLE}"; unset ${PRELUDE_VARIABLE}; exec env -0`], {
    env,
    encoding: "utf8",
  });
  const entries = output.split("\0").filter((line) => line !== "");
  return new Map(entries.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

test("any value arrives as it is", () => {
  const value = fc.string({ unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "(", "x", "é", "!", "*") });
  fc.assert(
    fc.property(value, (text) => {
      expect(seen({ SOME_VALUE: text }).get("SOME_VALUE")).toBe(text);
    }),
    { numRuns: 30 },
  );
});

test("nothing but the allow-list is there", () => {
  const names = [...seen({ ATRIUM_RUN_ID: "run_1" }).keys()].filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(name));
  expect(names.filter((name) => !name.startsWith("GIT_")).sort()).toEqual([
    "ATRIUM_RUN_ID",
    "HOME",
    "LANG",
    "PAGER",
    "PATH",
    "TERM",
    "TMPDIR",
  ]);
});

test("a run cannot change what keeps it safe, nor name what a shell or the kernel would trip over", () => {
  const env = seen({
    HOME: "/root",
    GIT_CONFIG_COUNT: "0",
    PATH: "/evil",
    BASH_ENV: "x",
    "A B": "x",
    "A;id": "x",
    "": "x",
    NUL: "a\0b",
    UID: "0",
  });
  expect(env.get("HOME")).toBe("/home/agent");
  expect(env.get("GIT_CONFIG_COUNT")).toBe("2");
  expect(env.get("PATH")).not.toContain("evil");
  for (const name of ["BASH_ENV", "A B", "A;id", "", "NUL"]) expect(env.has(name), name).toBe(false);
});

test("variables that programs with rights would obey are not in their environment", () => {
  const env = spawnEnvironment({ LD_PRELOAD: "/workspace/evil.so" }, AROUND);
  expect(Object.keys(env).sort()).toEqual([PRELUDE_VARIABLE, "LANG", "PATH"].sort());
});

test("too many variables are refused with a sentence", () => {
  expect(() => spawnEnvironment({ BIG: "x".repeat(100_000) }, AROUND)).toThrow("Remove some");
});
