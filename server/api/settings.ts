/** Settings of the api process, read from the environment the launcher gives it. Wrong ones stop the start with a sentence. */
import { join, resolve } from "node:path";
import { z } from "zod";
import type { DatabaseAddress } from "../../db/client.ts";
import { type OidcSettings, oidcEnvironment, readOidc } from "../auth/oidc/settings.ts";
import type { FileSettings } from "../files/files.ts";
import { fileEnvironment, readFileSettings } from "../files/settings.ts";
import { type MailSettings, mailEnvironment, readMail } from "../mail/settings.ts";
import type { Secrets } from "./services.ts";

const SECRET_MIN_CHARS = 32;
/** Push services insist on a contact; `.invalid` (RFC 2606) says honestly that nobody set one. */
const NO_CONTACT = "mailto:nobody@atrium.invalid";

const url = z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin);
const flag = z
  .enum(["0", "1", ""])
  .default("0")
  .transform((text) => text === "1");

const environment = z.object({
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  ATRIUM_DATA: z.string().default("./data"),
  /** the public address, when it is not the one people's browsers name as Host */
  ATRIUM_URL: url.optional(),
  ATRIUM_ROOMS_URL: url,
  ATRIUM_INTERNAL_URL: url,
  ATRIUM_ROOMS_SECRET: z.string().min(SECRET_MIN_CHARS),
  ATRIUM_TICKET_SECRET: z.string().min(SECRET_MIN_CHARS),
  ATRIUM_VAULT_KEY: z.string().min(SECRET_MIN_CHARS),
  ATRIUM_GENERATION: z.coerce.number().int().min(1).default(1),
  ATRIUM_OPEN_SIGNUP: flag,
  /** MiB that must stay free on the disk of the data folder */
  ATRIUM_MIN_FREE_MB: z.coerce.number().int().min(0).default(64),
  /** without it /metrics answers on loopback only */
  ATRIUM_METRICS_TOKEN: z.string().min(16).optional(),
  /** addresses of proxies whose X-Forwarded-For counts, separated by commas */
  ATRIUM_TRUST_PROXY: z.string().default(""),
  /** the address the launcher printed; for the first-owner link */
  ATRIUM_PUBLIC_URL: url.optional(),
  ATRIUM_ROOT: z.string().optional(),
  ATRIUM_VERSION: z.string().default("0.0.0"),
  /** a libSQL server, or a file elsewhere; without it `atrium.db` in the data folder */
  DATABASE_URL: z.url({ protocol: /^(file|libsql|https?)$/ }).optional(),
  DATABASE_AUTH_TOKEN: z.string().optional(),
  /** where a push service reaches the operator: `mailto:` or https */
  ATRIUM_PUSH_CONTACT: z.string().optional(),
  ...fileEnvironment,
  ...mailEnvironment,
  ...oidcEnvironment,
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

export type Settings = {
  host: string;
  port: number;
  /** origin people use, when it was set; undefined: the Host header of each request counts */
  publicUrl: string | undefined;
  /** where this machine's people reach it, for what is printed */
  address: string;
  roomsUrl: string;
  internalUrl: string;
  generation: number;
  dataFolder: string;
  /** where a push service reaches the operator */
  pushContact: string;
  /** undefined: a file in the data folder */
  database: DatabaseAddress | undefined;
  version: string;
  /** folder with `db/migrations` and `dist/app` */
  root: string;
  openSignUp: boolean;
  /** bytes */
  minFreeBytes: number;
  metricsToken: string | undefined;
  trustedProxies: readonly string[];
  files: FileSettings;
  /** the mail server; undefined: no mail is sent */
  mail: MailSettings | undefined;
  /** OpenID providers that people may sign in with */
  oidc: OidcSettings;
  logLevel: string;
};

/** A setting is missing or wrong; the message names it and is for the person who started the process. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** Reads and checks the environment. */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings; secrets: Secrets } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = issue?.path.join(".") ?? "";
    const what = name in given ? `is wrong: ${issue?.message}` : "is missing";
    throw new SettingsError(
      `The setting ${name} ${what}. The launcher sets it; started alone, this process needs it in its environment.`,
    );
  }
  const values = parsed.data;
  const root = resolve(values.ATRIUM_ROOT ?? ".");
  return {
    settings: {
      host: values.HOST,
      port: values.PORT,
      publicUrl: values.ATRIUM_URL,
      address: values.ATRIUM_URL ?? values.ATRIUM_PUBLIC_URL ?? `http://127.0.0.1:${values.PORT}`,
      roomsUrl: values.ATRIUM_ROOMS_URL,
      internalUrl: values.ATRIUM_INTERNAL_URL,
      generation: values.ATRIUM_GENERATION,
      dataFolder: resolve(root, values.ATRIUM_DATA),
      database: values.DATABASE_URL ? { url: values.DATABASE_URL, token: values.DATABASE_AUTH_TOKEN } : undefined,
      version: values.ATRIUM_VERSION,
      pushContact: values.ATRIUM_PUSH_CONTACT ?? NO_CONTACT,
      root,
      openSignUp: values.ATRIUM_OPEN_SIGNUP,
      minFreeBytes: values.ATRIUM_MIN_FREE_MB * 1024 * 1024,
      metricsToken: values.ATRIUM_METRICS_TOKEN,
      trustedProxies: values.ATRIUM_TRUST_PROXY.split(",")
        .map((text) => text.trim())
        .filter(Boolean),
      files: readFileSettings(values),
      mail: readMail(values),
      oidc: readOidc(values),
      logLevel: values.LOG_LEVEL,
    },
    secrets: { rooms: values.ATRIUM_ROOMS_SECRET, tickets: values.ATRIUM_TICKET_SECRET, vault: values.ATRIUM_VAULT_KEY },
  };
}

/** Where the built app lies. */
export function appFolder(settings: Settings): string {
  return join(settings.root, "dist", "app");
}
