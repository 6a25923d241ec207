/** The commands, in the order in which the help shows them. */
import type { Command } from "./command.ts";

export const COMMANDS: readonly Command[] = [
  {
    name: "logs",
    usage: "[launcher|api|rooms|runner] [-f] [-n 40]",
    about: "Show the ends of the logs; -f goes on with what comes.",
    load: async () => (await import("./commands/logs.ts")).logs,
  },
];
