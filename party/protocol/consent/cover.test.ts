import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AskedCall, covers, whyNoPatternFor, whyOnlyOnce } from "./cover.ts";
import { type CallPattern, callPattern } from "./schema.ts";
import { plainWords } from "./shell-words.ts";
import { patternWords, suggestPatterns } from "./suggest.ts";

const CWD = "/workspace";
const shell = (command: string, more: object = {}): AskedCall => ({
  tool: "shell",
  input: JSON.stringify({ command, ...more }),
  cwd: CWD,
});
const write = (path: string): AskedCall => ({ tool: "write_file", input: JSON.stringify({ content: "x", path }), cwd: CWD });
const words = (...list: string[]) => ({ command: { kind: "words" as const, words: list } });
const offered = (call: AskedCall) => suggestPatterns(call, "write").map(patternWords);

describe("patterns for commands", () => {
  it("are offered from the exact line to its program", () => {
    expect(offered(shell("npm run test -- --watch"))).toEqual([
      "npm run test -- --watch",
      "npm run test *",
      "npm run *",
      "npm *",
    ]);
    expect(offered(shell("ls -la notes"))).toEqual(["ls -la notes", "ls *"]);
    expect(offered(shell("python3 tools/count.py a"))).toEqual([
      "python3 tools/count.py a",
      "python3 tools/count.py a *",
      "python3 tools/count.py *",
    ]);
  });

  it("cover whole words from the first on, and leave the time limit free", () => {
    const npm = words("npm", "run");
    expect(covers(npm, shell("npm run build"))).toBe(true);
    expect(covers(npm, shell("npm run build", { timeoutMs: 5 }))).toBe(true);
    expect(covers(npm, shell("npm runaway"))).toBe(false);
    expect(covers(npm, shell("npm"))).toBe(false);
    expect(covers(npm, shell("./npm run build"))).toBe(false);
    expect(covers(npm, shell("npm run build", { cwd: "/etc" }))).toBe(false);
    expect(covers(npm, { ...shell("npm run build"), tool: "other" })).toBe(false);
  });

  it.each([
    ...["npm test; rm -rf x", "npm test && x", "npm test | sh", "npm test > f", "npm test < f", "npm test & x", "npm test `x`"],
    ...[
      "npm $(x)",
      "npm $HOME",
      "npm 'a b'",
      'npm "a"',
      "npm a\\ b",
      "npm test\nrm x",
      "npm test\trm",
      "npm *",
      "npm ?",
      "npm [a]",
    ],
    ...[
      "npm {a,b}",
      "npm ~",
      "npm !x",
      "npm #x",
      "npm (x)",
      " npm test",
      "npm  test",
      "npm test ",
      "npm tést",
      "npm a\u00a0b",
      "",
    ],
  ])("never cover %j, which is more than words to a shell", (command) => {
    expect(suggestPatterns(shell(command), "write")).toEqual([]);
    expect(covers(words("npm"), shell(command))).toBe(false);
    expect(covers({ command: { kind: "exact", json: JSON.stringify(command) } }, shell(command))).toBe(false);
  });

  it.each([
    ...[
      "sh build.sh",
      "bash -c ls",
      "/bin/bash x",
      "env npm test",
      "A=b npm test",
      "sudo npm test",
      "xargs rm",
      "nohup npm test",
    ],
    ...[
      "eval ls",
      "exec ls",
      "source x",
      ". x",
      "ssh host ls",
      "npx rimraf x",
      "npm exec rimraf",
      "npm --yes x rimraf",
      "timeout 5 ls",
    ],
    ...[
      "python -c pass",
      "python3",
      "python3.12 -m http.server",
      "node -e 1",
      "perl -e 1",
      "find . -exec ls +",
      "awk -f x",
      "sed -n 1p x",
    ],
    ...[
      "git -c core.pager=x log",
      "git --exec-path=/x log",
      "make SHELL=/x",
      "make --eval=x",
      "time npm test",
      "tar -x --to-command=x",
    ],
    // options abbreviated, joined to others, or with their value
    ...["sort --compress-prog=x", "split --filt=x a", "make --eva=x", "make -E x", "make -kE x", "zip a b -T -TT./x"],
    ...["git rebase -x./x", "git rebase -ix ./x", "git rebase --exe x", "git grep -O./x a", "git fetch --upload-p=x"],
    ...["git --no-pager rebase -x ./x", "git -C elsewhere status", "git clone -u x a", "git clone -c a=b c"],
    // commands and options that are less known
    ...["git hook run", "git send-email --sendmail-cmd=x", "git clone --template=x a", "git --no-pager hook run a"],
    ...["rg --pre x a", "gcc -wrapper x a.c", "gcc-12 -wrapper x a.c", "g++ -B./x a.cc", "gcc @options", "cmake -E env x"],
    ...["wget --use-askpass=x", "wget --use-ask=x", "install --strip-prog=x -s a b", "go test -exec=x", "go vet --vettool=x"],
    ...["choom -n 0 x", "sg staff x", "run-parts a", "x86_64 x", "i386 x", "linux64 x", "dbus-run-session x", "xvfb-run x"],
    ...["ssh-agent x", "mpirun x", "hyperfine x", "rbenv exec x", "pyenv exec x", "nodenv exec x", "fnm exec x"],
    ...["ld-linux-x86-64.so.2 ./x", "/lib64/ld-linux-x86-64.so.2 ./x", "/lib/ld-musl-x86_64.so.1 x"],
    // package managers: their other commands, abbreviations of them, and programs named like one
    ...[
      "npm x rimraf",
      "npm exe rimraf",
      "npm c set a",
      "npm --prefix a exec rimraf",
      "npm --prefix run exec rimraf",
      "npm test --script-sh=x",
      "npx x",
    ],
    ...["pnpm dlx x", "pnpm exec x", "pnpm bash x", "pnpm --filter a exec x", "yarn exec x", "yarn workspace a exec x"],
    ...["bun x rimraf", "bun run ls", "bun a.ts"],
    ...["busybox sh", "SUDO ls", "uv run x", "go env -w X=y", "yarn dlx x", "docker run x", "watch ls", "su root", "command ls"],
  ])("never cover %j, which can run anything", (command) => {
    expect(suggestPatterns(shell(command), "write")).toEqual([]);
    expect(whyNoPatternFor(shell(command), "write")).toMatch(/asked every time/);
    const line = command.split(" ");
    for (let n = 1; n <= line.length; n++) expect(covers(words(...line.slice(0, n)), shell(command))).toBe(false);
    expect(covers({ command: { kind: "exact", json: JSON.stringify(command) } }, shell(command))).toBe(false);
  });

  it.each([
    ...["npm run x", "npm run exec", "npm run test", "npm test config", "npm install create", "pnpm run x", "yarn run exec"],
    ...["npm", "npm --version", "npm --silent test", "npm root", "npm prefix"],
    ...["git push -u origin a", "git switch -c a", "git add config", "git log -C", "git clean -fdx", "git --no-pager log"],
    ...["rg --pretty a", "sort -c a", "make -k all", "gcc -O2 -o a a.c", "cmake -S . -B build", "pyenv versions", "bun test"],
  ])("cover %j: a word that is dangerous elsewhere", (command) => {
    expect(whyNoPatternFor(shell(command), "write")).toBeUndefined();
    expect(covers(words(command.split(" ")[0] ?? ""), shell(command))).toBe(true);
  });

  it("on a script named like a command are offered", () => {
    expect(offered(shell("npm run x"))).toEqual(["npm run x", "npm run x *", "npm run *", "npm *"]);
    expect(covers(words("npm", "run"), shell("npm run test"))).toBe(true);
  });

  it("on a program do not reach the words with which it hands over to others", () => {
    for (const command of ["npm exec x", "npm run a -c x", "npm --script-shell=/x test"])
      expect(covers(words("npm"), shell(command))).toBe(false);
    expect(covers(words("python3"), shell("python3 -c pass"))).toBe(false);
    expect(covers(words("python3"), shell("python3 script.py"))).toBe(false);
  });

  const piece = fc.oneof(
    fc.constantFrom("npm", "run", "test", "git", "ls", "-la", "docs/a.md", "env", "bash", "-c", "A=b", "x", "exec", "python3"),
    fc.string({ maxLength: 6, unit: "binary" }),
    fc.constantFrom(";", "&&", "|", ">", "$(x)", "`x`", "'", '"', "\\", "\n", "*", "~", "#", "(", ")", "{", "!", "\u2028", "\0"),
  );
  const line = fc
    .tuple(fc.array(piece, { maxLength: 6 }), fc.constantFrom(" ", "", "  ", "\t"))
    .map(([parts, gap]) => parts.join(gap));
  const heads = fc.array(fc.constantFrom("npm", "run", "git", "ls", "env", "bash", "-c", "python3", "x", "exec"), {
    minLength: 1,
    maxLength: 3,
  });

  it("never cover a wrapper or a sign of the shell, whatever was remembered", () => {
    fc.assert(
      fc.property(line, heads, (command, head) => {
        const call = shell(command);
        const known = [words(...head), { command: { kind: "exact" as const, json: JSON.stringify(command) } }];
        for (const pattern of known) {
          if (!covers(pattern, call)) continue;
          expect(command).toMatch(/^[\w@%+=:,./ -]+$/);
          const [program = "", ...rest] = command.split(" ");
          expect(program).not.toMatch(/=|(^|\/)(env|bash|exec)$/);
          if (program === "python3") expect(rest[0] ?? "-").not.toMatch(/^-/);
          if (program === "npm") {
            expect(["exec", "x"]).not.toContain(rest[0]);
            expect(rest).not.toContain("-c");
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("are offered only where they cover the call, the narrowest first, and in a form that travels", () => {
    fc.assert(
      fc.property(line, (command) => {
        const call = shell(command);
        for (const pattern of suggestPatterns(call, "write")) {
          expect(covers(pattern, call)).toBe(true);
          expect(callPattern.parse(JSON.parse(JSON.stringify(pattern)))).toEqual(pattern);
        }
      }),
    );
  });

  it("speak of the same words as bash does", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abcXYZ019_@%+=:,./-"), minLength: 1, maxLength: 12 });
    const lines = fc.sample(
      fc.array(word, { minLength: 1, maxLength: 6 }).map((list) => list.join(" ")),
      300,
    );
    const script = lines.map((plain) => `printf '%s\\0' ${plain}; printf '\\n'`).join("\n");
    const seen = execFileSync("bash", ["--noprofile", "--norc"], { input: script, encoding: "utf8" }).split("\n");
    lines.forEach((plain, i) => {
      expect(seen[i]?.split("\0").slice(0, -1)).toEqual(plainWords(plain));
    });
  });
});

describe("patterns for files", () => {
  it("are offered for the file and the folders above it", () => {
    expect(offered(write("docs/drafts/a.md"))).toEqual(["docs/drafts/a.md", "docs/drafts/*", "docs/*"]);
    expect(offered(write("a.md"))).toEqual(["a.md"]);
    expect(offered(write("../a.md"))).toEqual([]);
    expect(offered(write("/etc/passwd"))).toEqual([]);
  });

  it("stay inside their folder, however it is written", () => {
    const docs = { path: { kind: "folder" as const, folder: "docs" } };
    for (const path of ["docs/a.md", "./docs//x/a.md", "/workspace/docs/a.md"])
      expect(covers(docs, write(path)), path).toBe(true);
    for (const path of [
      "docs",
      "docs2/a",
      "docs/../a",
      "/docs/a",
      "a/docs/b",
      "docs/\0",
      "/workspace/../docs/a",
      "/workspaces/docs/a",
    ])
      expect(covers(docs, write(path)), path).toBe(false);
    expect(covers({ path: { kind: "folder", folder: "/workspace/docs/" } }, write("docs/a"))).toBe(true);
    for (const folder of [".", "/workspace", "..", "/", "docs/.."])
      expect(covers({ path: { kind: "folder", folder } }, write("docs/a")), folder).toBe(false);
  });

  it("never lead out of the workspace", () => {
    const part = fc.constantFrom("docs", "..", ".", "", "a", "\0", "/", "workspace");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 3 }), (path, folder) => {
        const call = write(path.join("/"));
        if (covers({ path: { kind: "folder", folder: folder.join("/") || "." } }, call)) expect(path).not.toContain("..");
      }),
    );
  });
});

describe("patterns for other tools", () => {
  const call = (input: object): AskedCall => ({ tool: "fetch_page", input: JSON.stringify(input), cwd: CWD });

  it("name every argument, and stop an address at a part of it", () => {
    const page = call({ method: "GET", url: "https://example.org/a/b?c=d" });
    const patterns = suggestPatterns(page, "outward");
    expect(patterns.map(patternWords)).toEqual([
      "method: GET, url: https://example.org/a/b?c=d",
      "method: GET, url: https://example.org/a/*",
      "method: GET, url: https://example.org/*",
    ]);
    const widest = patterns.at(-1) ?? {};
    expect(covers(widest, call({ method: "GET", url: "https://example.org/z" }))).toBe(true);
    for (const other of [
      { method: "POST", url: "https://example.org/z" },
      { method: "GET", url: "https://example.org.evil/z" },
      { method: "GET", url: "https://example.org/z", body: "more" },
      { url: "https://example.org/z" },
      { method: "GET", url: ["https://example.org/z"] },
    ])
      expect(covers(widest, call(other)), JSON.stringify(other)).toBe(false);
    expect(covers({ url: { kind: "prefix", text: "https://example.org" } }, call({ url: "https://example.org.evil/" }))).toBe(
      false,
    );
  });

  it("are none where the arguments say nothing, are cut, or the tool is not classed", () => {
    expect(suggestPatterns(call({}), "outward")).toEqual([]);
    expect(suggestPatterns({ ...call({}), input: '{"url":"https://exa' }, "outward")).toEqual([]);
    expect(suggestPatterns(call({ url: "x" }), "unknown")).toEqual([]);
    expect(covers({}, call({}))).toBe(false);
  });

  it("take values named like a part of every object as what they are", () => {
    const odd = { tool: "other", input: '{"__proto__":"a","constructor":"b"}', cwd: CWD };
    const named = (key: string, one: CallPattern[string]): CallPattern => Object.fromEntries([[key, one]]);
    expect(covers(named("constructor", { kind: "exact", json: '"b"' }), odd)).toBe(false);
    expect(covers(named("toString", { kind: "prefix", text: "a" }), { ...odd, input: "{}" })).toBe(false);
  });
});

describe("what is asked every time", () => {
  it("is what needs several people, has no sandbox, spends or destroys, or lies under four eyes", () => {
    const ask = { need: 1, risk: "write" as const };
    expect(whyOnlyOnce(ask, { fourEyes: false })).toBeUndefined();
    for (const [other, fourEyes] of [
      [{ need: 2 }, false],
      [{ everyTime: true }, false],
      [{ risk: "spend" as const }, false],
      [{ risk: "destroy" as const }, false],
      [{}, true],
    ] as const)
      expect(whyOnlyOnce({ ...ask, ...other }, { fourEyes })).toMatch(/\.$/);
  });
});
