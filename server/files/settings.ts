/** Settings of files, read from the environment. */
import { z } from "zod";
import type { FileSettings } from "./files.ts";
import { storageConfig } from "./storage.ts";

const MIB = 1024 * 1024;
/** MiB; a store that speaks S3 takes no more than 5 GiB in one piece */
const MOST_MB = 5_000;

export const fileEnvironment = {
  /** where the bytes of files lie: `file:` in the data folder, `s3://bucket?endpoint=…&region=…` or `gs://bucket` */
  ATRIUM_STORAGE_URL: storageConfig.prefault("file:"),
  ATRIUM_STORAGE_KEY: z.string().optional(),
  ATRIUM_STORAGE_SECRET: z.string().optional(),
  /** MiB of one upload */
  ATRIUM_UPLOAD_MAX_MB: z.coerce.number().int().min(1).max(MOST_MB).default(2_048),
  /** origin under which what agents made is run; without it another name of this machine, where there is one */
  ATRIUM_ARTIFACTS_URL: z
    .url({ protocol: /^https?$/ })
    .transform((text) => new URL(text).origin)
    .optional(),
};

const environment = z.object(fileEnvironment);

/** The settings out of the checked environment. */
export function readFileSettings(values: z.infer<typeof environment>): FileSettings {
  const { ATRIUM_STORAGE_KEY: id, ATRIUM_STORAGE_SECRET: secret } = values;
  return {
    storage: values.ATRIUM_STORAGE_URL,
    storageKeys: id !== undefined && secret !== undefined ? { id, secret } : undefined,
    uploadMaxBytes: values.ATRIUM_UPLOAD_MAX_MB * MIB,
    artifactsUrl: values.ATRIUM_ARTIFACTS_URL,
  };
}
