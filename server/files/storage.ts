/** Where the bytes of files lie: this machine's disk, or a store that speaks S3. */
import type { Readable } from "node:stream";
import { z } from "zod";

/** Both ends included, as in the Range header. */
export type ByteRange = { start: number; end: number };

export type StoredBlob = {
  key: string;
  bytes: number;
  /** ms since the epoch */
  modifiedAt: number;
};

/** Keys are ours (`<company>/<aa>/<sha256>`): nothing that a person wrote is ever part of one. */
export type Storage = {
  /**
   * Takes the content of a finished local file, which stays where it is. Resolves when the bytes survive a power cut.
   * @param file absolute path; it may not change afterwards
   */
  put(key: string, file: string, bytes: number): Promise<void>;
  /** @throws {BlobMissing} */
  open(key: string, range?: ByteRange): Promise<Readable>;
  stat(key: string): Promise<StoredBlob | undefined>;
  /** Removing what is not there is fine. */
  remove(key: string): Promise<void>;
  /** Every blob whose key begins with `prefix`, in no order. */
  list(prefix: string): AsyncIterable<StoredBlob>;
  /** A link that answers a download without us, where the store can make one and the operator wants it. */
  signedUrl?(key: string, as: { disposition: string; mime: string }): Promise<string>;
};

/** A row names a blob that the storage does not have. */
export class BlobMissing extends Error {
  override name = "BlobMissing";
  constructor(key: string, cause?: unknown) {
    super(`the storage has no blob ${key}`, { cause });
  }
}

/** What ATRIUM_STORAGE_URL says. */
export type StorageConfig =
  | { kind: "disk" }
  | {
      kind: "s3";
      bucket: string;
      /** undefined: Amazon's own */
      endpoint: string | undefined;
      region: string;
      /** downloads go to the store by signed links */
      direct: boolean;
    };

/** Google's store speaks S3 at this address, with HMAC keys. */
const GOOGLE_ENDPOINT = "https://storage.googleapis.com";
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}$/;

const bucketUrl = z
  .string()
  .refine((text) => /^(s3|gs):\/\//.test(text) && URL.canParse(text), "is neither file:, s3://bucket nor gs://bucket")
  .transform((text) => new URL(text))
  .refine((url) => BUCKET.test(url.host), "names no bucket: s3://bucket?endpoint=…&region=…")
  .refine((url) => url.pathname === "" || url.pathname === "/", "must not name a folder in the bucket")
  .refine((url) => {
    const endpoint = url.searchParams.get("endpoint");
    return endpoint === null || /^https?:\/\//.test(endpoint);
  }, "has an endpoint that is no http address")
  .transform((url): StorageConfig => {
    const google = url.protocol === "gs:";
    return {
      kind: "s3",
      bucket: url.host,
      endpoint: url.searchParams.get("endpoint") ?? (google ? GOOGLE_ENDPOINT : undefined),
      region: url.searchParams.get("region") ?? (google ? "auto" : "us-east-1"),
      direct: url.searchParams.get("direct") === "1",
    };
  });

/** The setting ATRIUM_STORAGE_URL: `file:`, `s3://bucket?endpoint=…&region=…&direct=1` or `gs://bucket`. */
export const storageConfig = z.union([z.literal("file:").transform((): StorageConfig => ({ kind: "disk" })), bucketUrl]);

/** The blob of a content in a company. */
export function blobKey(company: string, sha256: string): string {
  return `${company}/${sha256.slice(0, 2)}/${sha256}`;
}
