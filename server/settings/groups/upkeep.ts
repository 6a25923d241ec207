/** What operators look at, and what only processes that are started apart need. */
import { anyText, flag, key, loopbackOrigin, oneOf, timeZone, webOrigin } from "../kinds.ts";
import { always, optional } from "../setting.ts";

export const UPKEEP = {
  LOG_LEVEL: always(oneOf(["trace", "debug", "info", "warn", "error", "silent"]), "info", {
    group: "Upkeep",
    yaml: "logLevel",
    readers: ["api"],
    about: "How much the api writes into its log.",
  }),
  ATRIUM_METRICS_TOKEN: optional(anyText(16), {
    group: "Upkeep",
    yaml: "metricsToken",
    readers: ["api"],
    secret: true,
    about: "Lets `/metrics` be read from elsewhere; without it loopback only.",
  }),
  TZ: optional(timeZone, {
    group: "Upkeep",
    yaml: "timezone",
    readers: ["runner"],
    about: "The time zone that agents and their commands see; without it the machine's.",
  }),
} as const;

export const APART = {
  ATRIUM_ROOMS_URL: optional(loopbackOrigin, {
    group: "Processes apart",
    yaml: "apart.roomsUrl",
    readers: ["launcher", "api", "runner"],
    about: "Where the rooms listen, the same for every process.",
  }),
  ATRIUM_INTERNAL_URL: optional(loopbackOrigin, {
    group: "Processes apart",
    yaml: "apart.internalUrl",
    readers: ["launcher", "api", "rooms", "runner"],
    about: "Where the internal listener of the api is, the same for every process.",
  }),
  ATRIUM_LOCAL_RUNNER: always(flag, "1", {
    group: "Processes apart",
    yaml: "apart.localRunner",
    readers: ["launcher", "api"],
    about: "0 starts no runner here: all runs are carried out by machines that joined.",
  }),
  ATRIUM_SERVER_URL: optional(webOrigin, {
    group: "Processes apart",
    yaml: "apart.server",
    readers: ["launcher", "runner"],
    about: "For `--only runner` on another machine: the instance it works for. `--join` finds out by itself.",
  }),
  ATRIUM_RUNNER_KEY: optional(anyText(40), {
    group: "Processes apart",
    yaml: "",
    readers: ["launcher", "runner"],
    secret: true,
    about: "The key this machine was let in with; else `secrets/home.json`, which `--join` writes.",
  }),
  ATRIUM_ROOMS_SECRET: optional(key, {
    group: "Processes apart",
    yaml: "",
    readers: ["launcher", "api", "rooms", "runner"],
    secret: true,
    about: "Signs requests between processes that share no folder; else `secrets/rooms.key`.",
  }),
  ATRIUM_TICKET_SECRET: optional(key, {
    group: "Processes apart",
    yaml: "",
    readers: ["launcher", "api", "rooms"],
    secret: true,
    about: "Signs the tickets that open a room's socket; else `secrets/tickets.key`.",
  }),
  ATRIUM_VAULT_KEY: optional(key, {
    group: "Processes apart",
    yaml: "",
    readers: ["launcher", "api"],
    secret: true,
    about: "Opens what the database keeps sealed; else `secrets/vault.key`.",
  }),
} as const;
