/**
 * Which command lines a pattern may speak about: one program with its words, nothing that a shell would read as more.
 *
 * Everything is an allow-list first. A line with a quote, a variable, a redirection, a second command or any other
 * character with a meaning is not plain, and is asked again. What is left can still hand its words to another program;
 * the tables below name the known programs and options that do, because `env *` or `npm *` would then mean "anything".
 * Remembered patterns only ever apply inside the sandbox, so this is about saying what is allowed, not about containing it.
 */

/** Characters of a command line that a pattern may cover; longer ones are asked again. */
const MAX_CHARS = 2_000;

/** Words of these characters mean themselves to bash: no quoting, expansion, globbing, redirection or separation. */
const PLAIN_LINE = /^[A-Za-z0-9_@%+=:,./-]+(?: [A-Za-z0-9_@%+=:,./-]+)*$/;

/** The words of a plain command line; undefined for any other. */
export function plainWords(command: string): string[] | undefined {
  if (command.length > MAX_CHARS || !PLAIN_LINE.test(command)) return undefined;
  return command.split(" ");
}

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Run what their words say, so a pattern on them says nothing. */
const WRAPPERS = names(`
  sh bash rbash dash ash zsh ksh mksh fish csh tcsh pwsh busybox toybox
  eval exec source . command builtin coproc trap alias enable mapfile readarray complete compgen set shopt export declare
  typeset readonly local hash bind if then else elif while until for do case select function time
  env sudo doas su runuser setpriv pkexec chroot unshare nsenter bwrap fakeroot nohup setsid nice ionice chrt taskset
  timeout stdbuf unbuffer script flock prlimit setarch linux numactl systemd-run start-stop-daemon
  xargs parallel watch entr at batch crontab fd fdfind tar
  ssh rsh scp sftp rsync mosh telnet nc ncat socat docker podman nerdctl kubectl lxc machinectl flatpak vagrant ansible
  npx pnpx bunx uvx pipx corepack volta nvm mise asdf direnv devbox nix nix-shell conda mamba micromamba poetry pipenv
  hatch tox nox bundle
  awk gawk mawk nawk sed gsed ed ex vi vim nvim view emacs nano less more man gdb lldb strace ltrace perf valgrind expect
  screen tmux m
  choom sg run-parts linux32 linux64 i386 i486 i586 i686 x86_64 uname26 cgexec cpulimit firejail eatmydata faketime
  rlwrap dumb-init tini gosu su-exec dbus-run-session dbus-launch xvfb-run ssh-agent mpirun mpiexec srun hyperfine
  torsocks torify proxychains catchsegv rr heaptrack dotenv dotenvx chronic sem
`);

/** Run code: covered only with the file of the code as their first word, so that no option can bring other code. */
const INTERPRETERS = names(`
  python pypy node nodejs tsx ts-node ruby irb perl php lua luajit tclsh wish rscript r julia java scala groovy kotlin
  elixir iex erl escript ghci runghc racket guile sbcl clojure swift osascript gjs qjs
`);

/**
 * What package managers do by themselves, or with the scripts of the project. Any other first word of theirs may be a
 * program, or an abbreviation of a command that runs one: `pnpm rimraf x`, `npm exe rimraf`, `bun run ls`.
 */
const ONLY_COMMANDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    "npm",
    names(`run run-script test t tst start stop restart install i in add ci install-test it uninstall remove rm un update up
      upgrade outdated ls ll list la view info show v why explain audit fund pack publish version search find dedupe ddp
      prune rebuild rb link ln root prefix bin ping whoami doctor cache query sbom dist-tag`),
  ],
  [
    "pnpm",
    names(`run run-script test t start install i add ci remove rm uninstall un update up upgrade outdated ls ll list la why
      audit pack publish dedupe prune rebuild rb link ln import fetch store licenses root bin`),
  ],
  [
    "yarn",
    names("run test start install add remove upgrade up outdated list info why audit pack publish version dedupe link cache bin"),
  ],
  ["bun", names("test install i ci add a remove rm update outdated link unlink pm build audit publish why info")],
]);

const COMPILER = "-wrapper* -fplugin* -specs* --specs -B* -fuse-ld* --ld-path -ccc-gcc-name* -load* -Xclang* @*";
const NPM_OPTIONS = `-c --call --script-shell --shell --node-options --node-gyp --python --userconfig --globalconfig
  --git --editor --viewer --browser`;

/**
 * How programs are told to hand over to another one. A key of two words is a command of the program. Spellings:
 * `exec` a command, `-x` a letter, also joined to others or to its value, `--eval` a long option, also abbreviated or with
 * its value, `-exec*` whatever begins so, `=` any assignment.
 */
const HANDS_OVER: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["npm", names(NPM_OPTIONS)],
  ["pnpm", names(`${NPM_OPTIONS} --shell-mode --config.*`)],
  ["yarn", names("--use-yarnrc --script-shell")],
  ["bun", names("-e -p -r --eval --print --preload --require --import --shell --config")],
  ["deno", names("eval repl x run serve task --preload")],
  ["uv", names("run tool x")],
  ["go", names("env tool -exec* --exec -toolexec* --toolexec -vettool* --vettool")],
  ["cargo", names("--config")],
  ["rustup", names("run")],
  ["opam", names("exec")],
  ["fnm", names("exec")],
  ...["rbenv", "pyenv", "nodenv", "goenv", "jenv"].map((name) => [name, names("exec shell init")] as const),
  [
    "git",
    names(`bisect config citool credential daemon difftool filter-branch for-each-repo gui help hook instaweb mergetool p4
      remote-ext send-email shell submodule svn web--browse
      --config --config-env --exec --exec-path --extcmd --open-files-in-pager --receive-pack --template --upload-pack`),
  ],
  ["git -", names("-c -C --git-dir")],
  ["git clone", names("-c -u")],
  ["git grep", names("-O")],
  ["git rebase", names("-x")],
  ["find", names("-exec* -ok*")],
  ["make", names("= -e -E -f --eval --file --makefile")],
  ["gmake", names("= -e -E -f --eval --file --makefile")],
  ["cmake", names("-E* -P* -C*")],
  ["ctest", names("-S* --script --script-new-process --build-and-test")],
  ...["gcc", "g++", "cc", "c++", "clang", "clang++"].map((name) => [name, names(COMPILER)] as const),
  ["rg", names("--pre --hostname-bin")],
  ["ag", names("--pager")],
  ["ack", names("--pager")],
  ["bat", names("--pager")],
  ["wget", names("-e --execute --use-askpass --config")],
  ["install", names("--strip-program")],
  ["zip", names("-TT* --unzip-command")],
  ["sort", names("--compress-program")],
  ["split", names("--filter")],
]);

/** The loader of programs takes one as its first word: `ld-linux-x86-64.so.2 ./x`. */
const LOADER = /^ld[a-z0-9_.-]*\.so/;

/**
 * Why no pattern may cover a command, as the end of a sentence; undefined when one may.
 * @param words of a plain command line, at least one
 */
export function whyNoPattern(words: readonly string[]): string | undefined {
  const [program = "", ...rest] = words;
  if (program.includes("=")) return "it sets a variable around a command";
  const file = fileName(program);
  const name = programName(program);
  if (WRAPPERS.has(name) || WRAPPERS.has(file) || LOADER.test(file)) return `${file} can run any other command`;
  if (INTERPRETERS.has(name)) {
    const script = rest[0];
    if (script === undefined || script.startsWith("-")) return `${name} without a file as its first word can run any code`;
    return undefined;
  }
  const word = otherCommand(name, rest) ?? handingOver(name, rest);
  return word === undefined ? undefined : `${name} ${word} can run any other command`;
}

/** After an option nobody here knows which word is its value and which the command: every word could be it. */
const optionFirst = (rest: readonly string[]): boolean => rest[0]?.startsWith("-") ?? false;

/** The word that may be another command of a package manager than those that are known. */
function otherCommand(name: string, rest: readonly string[]): string | undefined {
  const only = ONLY_COMMANDS.get(name);
  const commands = optionFirst(rest) ? rest.filter((word) => !word.startsWith("-")) : rest.slice(0, 1);
  return only && commands.find((word) => !only.has(word));
}

/** The word with which a program is told to hand over. */
function handingOver(name: string, rest: readonly string[]): string | undefined {
  const [first = ""] = rest;
  const early = optionFirst(rest);
  const spellings = [...HANDS_OVER].flatMap(([key, list]) =>
    key === name || key === `${name} ${first}` || (early && key.startsWith(`${name} `)) ? [...list] : [],
  );
  return rest.find((word, i) => spellings.some((one) => spells(word, one, early || i === 0)));
}

/**
 * Whether a word says what a spelling of the table stands for.
 * @param command the word may be a command of its program
 */
function spells(word: string, spelling: string, command: boolean): boolean {
  if (spelling === "=") return word.includes("=") && !word.startsWith("-");
  if (spelling.endsWith("*")) return word.startsWith(spelling.slice(0, -1));
  if (!spelling.startsWith("-")) return command && word.toLowerCase() === spelling;
  const [option = ""] = word.split("=", 1);
  if (spelling.startsWith("--")) return option.length > "--".length && option.startsWith("--") && spelling.startsWith(option);
  return /^-[^-]/.test(word) && word.includes(spelling.slice(1));
}

/** How many words of a command say what it runs: an interpreter's first word is its code. */
export function leastWords(words: readonly string[]): number {
  return INTERPRETERS.has(programName(words[0] ?? "")) ? 2 : 1;
}

/** `/usr/bin/python3.12` is python. */
function programName(word: string): string {
  const base = fileName(word);
  return base.replace(/[-.]?\d[\d.]*$/, "") || base;
}

/** Without its folder, in lower case: some file systems know no difference. */
function fileName(word: string): string {
  return word.slice(word.lastIndexOf("/") + 1).toLowerCase();
}
