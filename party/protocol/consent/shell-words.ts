/**
 * Which command lines a pattern may speak about: one program with its words, nothing that a shell would read as more.
 *
 * Everything is an allow-list first. A line with a quote, a variable, a redirection, a second command or any other
 * character with a meaning is not plain, and is asked again. What is left can still hand its words to another program;
 * the table below names the programs and options that do, because `env *` or `npm *` would then mean "anything".
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
`);

/** Run code: covered only with the file of the code as their first word, so that no option can bring other code. */
const INTERPRETERS = names(`
  python pypy node nodejs tsx ts-node ruby irb perl php lua luajit tclsh wish rscript r julia java scala groovy kotlin
  elixir iex erl escript ghci runghc racket guile sbcl clojure swift osascript gjs qjs
`);

/** Words, in lower case, with which a program hands what follows to another one; `=` stands for any assignment. */
const HANDS_OVER: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["npm", names("exec x init create innit explore edit config set -c --call --script-shell --node-options")],
  ["pnpm", names("exec dlx create init config -c --shell-mode --script-shell --node-options")],
  ["yarn", names("exec dlx create node init config")],
  ["bun", names("x exec create init repl -e --eval -p --print -r --preload")],
  ["deno", names("eval repl x run serve task --preload")],
  ["uv", names("run tool x")],
  ["go", names("env tool -exec -toolexec -vettool")],
  ["cargo", names("--config")],
  [
    "git",
    names(`-c --config-env --exec-path --exec -x --extcmd --upload-pack --receive-pack --open-files-in-pager -o config
      bisect submodule filter-branch difftool mergetool`),
  ],
  ["find", names("-exec -execdir -ok -okdir")],
  ["make", names("= -e --eval")],
  ["gmake", names("= -e --eval")],
  ["zip", names("-tt --unzip-command")],
  ["sort", names("--compress-program")],
  ["split", names("--filter")],
]);

/**
 * Why no pattern may cover a command, as the end of a sentence; undefined when one may.
 * @param words of a plain command line, at least one
 */
export function whyNoPattern(words: readonly string[]): string | undefined {
  const [program = "", ...rest] = words;
  if (program.includes("=")) return "it sets a variable around a command";
  const name = programName(program);
  if (WRAPPERS.has(name)) return `${name} can run any other command`;
  if (INTERPRETERS.has(name)) {
    const script = rest[0];
    if (script === undefined || script.startsWith("-")) return `${name} without a file as its first word can run any code`;
    return undefined;
  }
  const handsOver = HANDS_OVER.get(name);
  const word = handsOver && rest.find((one) => handsOver.has(optionName(one)));
  return word === undefined ? undefined : `${name} ${word} can run any other command`;
}

/** How many words of a command say what it runs: an interpreter's first word is its code. */
export function leastWords(words: readonly string[]): number {
  return INTERPRETERS.has(programName(words[0] ?? "")) ? 2 : 1;
}

/** `/usr/bin/python3.12` is python. */
function programName(word: string): string {
  const base = word.slice(word.lastIndexOf("/") + 1).toLowerCase();
  return base.replace(/[-.]?\d[\d.]*$/, "") || base;
}

/** `--eval=x` is the option `--eval`, `CC=x` an assignment. */
function optionName(word: string): string {
  const [name = ""] = word.toLowerCase().split("=", 1);
  return word.includes("=") && !name.startsWith("-") ? "=" : name;
}
