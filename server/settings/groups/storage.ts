/** Where things are kept, and how much of them. */
import { address, anyText, wholeNumber } from "../kinds.ts";
import { always, optional } from "../setting.ts";

export const STORAGE = {
  ATRIUM_DATA: always(anyText(), "./data", {
    group: "Files",
    yaml: "",
    readers: ["launcher", "api", "runner"],
    about: "The data folder, relative to the project; by environment or the project's `.env` only.",
  }),
  DATABASE_URL: optional(address(["file", "libsql", "http", "https"], "libsql://atrium.example.com"), {
    group: "Files",
    yaml: "database.url",
    readers: ["launcher", "api"],
    about: "A libSQL server that keeps the database; without it `atrium.db` in the data folder.",
  }),
  DATABASE_AUTH_TOKEN: optional(anyText(), {
    group: "Files",
    yaml: "database.token",
    readers: ["api"],
    secret: true,
    about: "Opens that server.",
  }),
  ATRIUM_STORAGE_URL: always(address(["file", "s3", "gs"], "s3://bucket?endpoint=https://s3.example.com&region=eu"), "file:", {
    group: "Files",
    yaml: "storage.url",
    readers: ["api"],
    about: "Where files that people and agents share are kept; `file:` is `files/` in the data folder.",
  }),
  ATRIUM_STORAGE_KEY: optional(anyText(), {
    group: "Files",
    yaml: "storage.key",
    readers: ["api"],
    secret: true,
    about: "The access key of that storage.",
  }),
  ATRIUM_STORAGE_SECRET: optional(anyText(), {
    group: "Files",
    yaml: "storage.secret",
    readers: ["api"],
    secret: true,
    about: "The secret that belongs to the access key.",
  }),
  ATRIUM_UPLOAD_MAX_MB: always(wholeNumber(1, 5_000), "2048", {
    group: "Limits",
    yaml: "uploadMaxMb",
    unit: "MiB",
    readers: ["api"],
    about: "The largest file that can be uploaded.",
  }),
  ATRIUM_MIN_FREE_MB: always(wholeNumber(0, Number.MAX_SAFE_INTEGER), "64", {
    group: "Limits",
    yaml: "minFreeMb",
    unit: "MiB",
    readers: ["launcher", "api"],
    about: "What must stay free on the disk of the data folder; below it new work is refused.",
  }),
  ATRIUM_RUNNER_SLOTS: always(wholeNumber(1, 256), "8", {
    group: "Limits",
    yaml: "runnerSlots",
    unit: "runs",
    readers: ["runner"],
    about: "Runs that one runner carries out at a time.",
  }),
} as const;
