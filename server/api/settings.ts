/** Settings of the api process, read from the environment the launcher gives it. Wrong ones stop the start with a sentence. */
import { join, resolve } from "node:path";
import type { DatabaseAddress } from "../../db/client.ts";
import { type OidcSettings, readOidc } from "../auth/oidc/settings.ts";
import type { FileSettings } from "../files/files.ts";
import { readFileSettings } from "../files/settings.ts";
import { type MailSettings, readMail } from "../mail/settings.ts";
import { readSetting, SettingsError } from "../settings/read.ts";
import type { SettingName, SettingValue } from "../settings/table.ts";
import type { Secrets } from "./services.ts";

/** Push services insist on a contact; `.invalid` (RFC 2606) says honestly that nobody set one. */
const NO_CONTACT = "mailto:nobody@atrium.invalid";
const MIB = 1024 * 1024;

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
  /** false when all runs are carried out by machines that joined */
  localRunner: boolean;
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

/**
 * Reads the environment, as the table of settings says (server/settings/).
 * @throws {SettingsError} naming what is missing or wrong
 */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings; secrets: Secrets } {
  const read = <N extends SettingName>(name: N): SettingValue<N> => readSetting(name, env);
  const root = resolve(env.ATRIUM_ROOT || ".");
  const port = read("PORT");
  const publicUrl = read("ATRIUM_URL");
  const database = read("DATABASE_URL");
  return {
    settings: {
      host: read("HOST"),
      port,
      publicUrl,
      address: publicUrl ?? (env.ATRIUM_PUBLIC_URL || `http://127.0.0.1:${port}`),
      roomsUrl: needed("ATRIUM_ROOMS_URL", env),
      internalUrl: needed("ATRIUM_INTERNAL_URL", env),
      generation: generationOf(env.ATRIUM_GENERATION || "1"),
      dataFolder: resolve(root, read("ATRIUM_DATA")),
      database: database === undefined ? undefined : { url: database, token: read("DATABASE_AUTH_TOKEN") },
      version: env.ATRIUM_VERSION || "0.0.0",
      pushContact: read("ATRIUM_PUSH_CONTACT") ?? NO_CONTACT,
      root,
      openSignUp: read("ATRIUM_OPEN_SIGNUP"),
      localRunner: read("ATRIUM_LOCAL_RUNNER"),
      minFreeBytes: read("ATRIUM_MIN_FREE_MB") * MIB,
      metricsToken: read("ATRIUM_METRICS_TOKEN"),
      trustedProxies: read("ATRIUM_TRUST_PROXY"),
      files: readFileSettings(env),
      mail: readMail(env),
      oidc: readOidc(env),
      logLevel: read("LOG_LEVEL"),
    },
    secrets: {
      rooms: needed("ATRIUM_ROOMS_SECRET", env),
      tickets: needed("ATRIUM_TICKET_SECRET", env),
      vault: needed("ATRIUM_VAULT_KEY", env),
    },
  };
}

/** A setting that people may leave out because the launcher fills it in. */
function needed<N extends SettingName>(name: N, env: NodeJS.ProcessEnv): NonNullable<SettingValue<N>> {
  const value = readSetting(name, env);
  if (value !== undefined && value !== null) return value;
  throw new SettingsError(
    `The setting ${name} is missing. The launcher sets it; started alone, this process needs it in its environment.`,
  );
}

function generationOf(text: string): number {
  const generation = Number(text);
  if (Number.isSafeInteger(generation) && generation > 0) return generation;
  throw new SettingsError(`ATRIUM_GENERATION is ${JSON.stringify(text)}. It must be a whole number from 1.`);
}

/** Where the built app lies. */
export function appFolder(settings: Settings): string {
  return join(settings.root, "dist", "app");
}
