/** The commands, in the order in which the help shows them. */
import type { Command } from "./command.ts";

export const COMMANDS: readonly Command[] = [
  {
    name: "logs",
    usage: "[launcher|api|rooms|runner] [-f] [-n 40]",
    about: "Show the ends of the logs; -f goes on with what comes.",
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  {
    name: "backup create",
    usage: "[--to path] [--with-key]",
    about: "Put everything into one file, also while Atrium runs.",
    load: async () => (await import("./commands/backup.ts")).create,
  },
  {
    name: "backup list",
    usage: "",
    about: "List the backups in the data folder.",
    load: async () => (await import("./commands/backup.ts")).list,
  },
  {
    name: "backup verify",
    usage: "<file> [--key-file path]",
    about: "Read a backup as a restore would, and say whether it is whole.",
    load: async () => (await import("./commands/backup.ts")).verify,
  },
  {
    name: "restore",
    usage: "<file> [--to folder] [--force] [--key-file path]",
    about: "Bring a backup back; what was there is put aside.",
    load: async () => (await import("./commands/backup.ts")).restore,
  },
];
