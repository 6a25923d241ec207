/** The commands, in the order in which the help shows them. */
import type { Command } from "./command.ts";

export const COMMANDS: readonly Command[] = [
  {
    name: "doctor",
    usage: "[--json]",
    about: "Look at everything an instance needs, and say what to do where something is wrong.",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
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
  {
    name: "user create",
    usage: "<email> --name <name> [--owner]",
    about: "Make an account, and a link that sets its password.",
    load: async () => (await import("./commands/people.ts")).createUser,
  },
  {
    name: "user reset-password",
    usage: "<email>",
    about: "Take a forgotten password away, and make a link that sets a new one.",
    load: async () => (await import("./commands/people.ts")).resetPassword,
  },
  {
    name: "api-key create",
    usage: "<email> [--name <name>]",
    about: "Make an API key for a person.",
    load: async () => (await import("./commands/people.ts")).createKey,
  },
  {
    name: "stop-everything",
    usage: "",
    about: "Stop every run and pause every agent, in every company.",
    load: async () => (await import("./commands/stop-everything.ts")).stopEverything,
  },
  {
    name: "audit verify",
    usage: "",
    about: "Recompute the audit chains.",
    load: async () => (await import("./commands/records.ts")).verifyAudit,
  },
  {
    name: "migrate",
    usage: "",
    about: "Bring the database up to date without starting; a start does the same.",
    load: async () => (await import("./commands/records.ts")).migrateRecords,
  },
];
