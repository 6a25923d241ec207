/** Finds the command somebody typed, runs it, and says what went wrong in plain words. */
import { StartError } from "../launcher/errors.ts";
import { nearestName } from "../settings/nearest.ts";
import { SettingsError } from "../settings/read.ts";
import { CliError, type Command, EXIT, type Terminal, UsageError } from "./command.ts";
import { COMMANDS } from "./commands.ts";

const HELP = new Set(["--help", "-h", "help"]);
const CALL = "npm run atrium --";

/** @returns the exit code */
export async function runCli(args: string[], terminal: Terminal): Promise<number> {
  const command = findCommand(args);
  if (!command) return withoutCommand(args, terminal);
  const rest = args.slice(command.name.split(" ").length);
  if (rest.some((word) => word === "--help" || word === "-h")) {
    for (const line of usageOf(command)) terminal.say(line);
    return EXIT.done;
  }
  try {
    return await (await command.load())(rest, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      for (const line of [error.message, ...usageOf(command)]) terminal.warn(line);
      return EXIT.usage;
    }
    const expected = error instanceof CliError || error instanceof StartError || error instanceof SettingsError;
    terminal.warn(expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT.problem;
  }
}

/** The command with the most words that `args` begin with. */
function findCommand(args: readonly string[]): Command | undefined {
  return COMMANDS.filter(({ name }) => name.split(" ").every((word, i) => args[i] === word)).sort(
    (a, b) => b.name.length - a.name.length,
  )[0];
}

function withoutCommand(args: readonly string[], { say, warn }: Terminal): number {
  const [first = "--help"] = args;
  if (HELP.has(first)) {
    for (const line of help(COMMANDS)) say(line);
    return EXIT.done;
  }
  const typed = args.slice(0, 2).join(" ");
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (group.length > 0) {
    warn(`There is no command "${typed}".`);
    for (const line of help(group)) warn(line);
    return EXIT.usage;
  }
  const names = COMMANDS.map(({ name }) => name);
  const near = nearestName(typed, names) ?? nearestName(first, names);
  warn(`There is no command "${first}".${near ? ` Did you mean "${near}"?` : ""} \`${CALL} --help\` lists them.`);
  return EXIT.usage;
}

function usageOf({ name, usage, about }: Command): string[] {
  return [`Usage: ${CALL} ${name}${usage && ` ${usage}`}`, about];
}

function help(commands: readonly Command[]): string[] {
  const calls = commands.map(({ name, usage }) => `${name} ${usage}`.trim());
  const width = Math.max(...calls.map((call) => call.length)) + 2;
  return [`Usage: ${CALL} <command>`, "", ...commands.map(({ about }, i) => `  ${(calls[i] ?? "").padEnd(width)}${about}`)];
}
