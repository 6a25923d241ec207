/** Settings of files. */
import { readSetting, SettingsError } from "../settings/read.ts";
import type { FileSettings } from "./files.ts";
import { storageConfig } from "./storage.ts";

const MIB = 1024 * 1024;

/** @throws {SettingsError} naming what is wrong */
export function readFileSettings(env: NodeJS.ProcessEnv): FileSettings {
  const storage = storageConfig.safeParse(readSetting("ATRIUM_STORAGE_URL", env));
  if (!storage.success) {
    throw new SettingsError(`ATRIUM_STORAGE_URL is wrong: ${storage.error.issues[0]?.message}. docs/settings.md shows its form.`);
  }
  const id = readSetting("ATRIUM_STORAGE_KEY", env);
  const secret = readSetting("ATRIUM_STORAGE_SECRET", env);
  return {
    storage: storage.data,
    storageKeys: id !== undefined && secret !== undefined ? { id, secret } : undefined,
    uploadMaxBytes: readSetting("ATRIUM_UPLOAD_MAX_MB", env) * MIB,
    artifactsUrl: readSetting("ATRIUM_ARTIFACTS_URL", env),
  };
}
