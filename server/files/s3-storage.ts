/**
 * Blobs in a store that speaks S3: Amazon's, Google's with HMAC keys, MinIO and others. Loaded when it is configured: the
 * libraries behind it are many times the size of the api.
 */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { S3Driver } from "flydrive/drivers/s3";
import { BlobMissing, type Storage, type StorageConfig } from "./storage.ts";

/** s a signed link is good for: a download begins at once */
const LINK_S = 300;

export type S3Keys = { id: string; secret: string };

/** @param keys undefined: the ones the machine has by itself, such as a role */
export function s3Storage(config: Extract<StorageConfig, { kind: "s3" }>, keys: S3Keys | undefined): Storage {
  const { bucket, endpoint, region, direct } = config;
  const client = new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(keys && { credentials: { accessKeyId: keys.id, secretAccessKey: keys.secret } }),
    // Stores other than Amazon's know only some of the newer checksums; the blob's name is its checksum.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const driver = new S3Driver({ client, bucket, visibility: "private", supportsACL: false });

  const stat: Storage["stat"] = async (key) => {
    if (!(await driver.exists(key))) return undefined;
    const { contentLength, lastModified } = await driver.getMetaData(key);
    return { key, bytes: contentLength, modifiedAt: lastModified.getTime() };
  };

  return {
    async put(key, file, bytes) {
      // The same content again is the same blob.
      if ((await stat(key))?.bytes !== bytes) {
        await driver.putStream(key, createReadStream(file), { contentLength: bytes });
      }
    },
    async open(key, range) {
      const Range = range && `bytes=${range.start}-${range.end}`;
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
        if (Body instanceof Readable) return Body;
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      throw new BlobMissing(key);
    },
    stat,
    remove: (key) => driver.delete(key),
    // Not through the driver: its listing tells neither sizes nor times of all stores.
    async *list(prefix) {
      let next: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next }));
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          if (Key !== undefined) yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified?.getTime() ?? 0 };
        }
        next = page.NextContinuationToken;
      } while (next !== undefined);
    },
    ...(direct && {
      signedUrl: (key: string, { disposition, mime }: { disposition: string; mime: string }) =>
        driver.getSignedUrl(key, { expiresIn: LINK_S * 1_000, contentType: mime, contentDisposition: disposition }),
    }),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === "NoSuchKey" || error.name === "NotFound");
}
