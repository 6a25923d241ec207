/** Everything the api does with files, behind one door: `services.files`. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Client } from "@libsql/client/sqlite3";
import type { Logger } from "pino";
import type { Statement, UnitContext, Write } from "../../db/write-queue.ts";
import { fileDocs, textOfHead } from "../search/files.ts";
import { PdfTexts } from "../search/pdf-texts.ts";
import { type Blobs, createBlobs } from "./blobs.ts";
import { diskStorage } from "./disk-storage.ts";
import { type FileOut, findFile, insertFile, type NewFile } from "./records.ts";
import { headOfFile, type Spooled, spool } from "./spool.ts";
import { type ByteRange, blobKey, type Storage, type StorageConfig } from "./storage.ts";
import { HEAD_BYTES, sniffType } from "./types.ts";
import { Partials } from "./uploads/partials.ts";

/** ms between two looks for what nobody needs any more */
const SWEEP_EVERY_MS = 3_600_000;

export type FileSettings = {
  storage: StorageConfig;
  /** of the store, when it takes keys */
  storageKeys: { id: string; secret: string } | undefined;
  /** bytes of one upload */
  uploadMaxBytes: number;
  /** origin of artifacts, when it was set */
  artifactsUrl: string | undefined;
};

export type FilesDeps = {
  dataFolder: string;
  settings: FileSettings;
  read: Client;
  write: Write;
  log: Logger;
  now(): number;
};

/** What a new file is, beside what its bytes tell. */
export type Described = Omit<NewFile, "sha256" | "bytes" | "mime">;
/** Further statements of the write that makes the file: guards and the audit. */
export type Beside = (context: UnitContext) => Statement[];

export type Files = {
  readonly settings: FileSettings;
  readonly partials: Partials;
  /** Takes a stream of at most `limit` bytes onto the disk. Give it to `keep`, then `drop` it. */
  spool(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Spooled>;
  drop(spooled: Spooled): Promise<void>;
  /** Makes a file of spooled bytes: the blob first, then the row. */
  keep(spooled: Spooled, file: Described, beside?: Beside): Promise<FileOut>;
  /** The bytes of a content. @throws {BlobMissing} */
  open(company: string, sha256: string, range?: ByteRange): Promise<Readable>;
  /** The first bytes of a content that is not empty. @throws {BlobMissing} */
  head(company: string, sha256: string, bytes: number): Promise<Uint8Array>;
  signedUrl: Storage["signedUrl"];
  /** Removes the content when no file has it any more. */
  release(company: string, sha256: string): Promise<void>;
  /** Begins to remove the contents of a company that was deleted; what a stop or an absent store leaves, the sweep removes. */
  discard(company: string): void;
  /** Removes blobs without a row and uploads nobody goes on with. Runs by itself. */
  sweep(): Promise<void>;
  stop(): void;
};

/** Opens the storage that the settings name. */
export async function openFiles({ dataFolder, settings, read, write, log, now }: FilesDeps): Promise<Files> {
  const storage = await openStorage(dataFolder, settings);
  const blobs: Blobs = createBlobs({ storage, read, log, now });
  const uploads = join(dataFolder, "uploads");
  const partials = new Partials(uploads);
  const pdfs = new PdfTexts({ open: (company, sha256) => files.open(company, sha256), write, log });

  const files: Files = {
    settings,
    partials,
    spool: (stream, limit) => spool(uploads, stream, limit),
    drop: ({ path }) => rm(path, { force: true }),
    async keep(spooled, described, beside) {
      const head = await headOfFile(spooled.path);
      const mime = await sniffType(head, described.name, spooled.bytes <= HEAD_BYTES);
      const file: NewFile = { ...described, mime, bytes: spooled.bytes, sha256: spooled.sha256 };
      const { company, id } = described;
      const text = textOfHead(mime, head, spooled.bytes <= HEAD_BYTES);
      await blobs.keep(company, spooled, () =>
        write((context) => [...(beside?.(context) ?? []), insertFile(file, context.now), ...fileDocs(file, context.now, text)], {
          chains: [company],
        }),
      );
      if (mime === "application/pdf") pdfs.index(file);
      const kept = await findFile(read, company, id);
      if (!kept) throw new Error(`the file ${id} was removed as it was made`);
      return kept;
    },
    open: (company, sha256, range) => storage.open(blobKey(company, sha256), range),
    async head(company, sha256, bytes) {
      const parts: Uint8Array[] = [];
      for await (const chunk of await files.open(company, sha256, { start: 0, end: bytes - 1 })) parts.push(chunk);
      return Buffer.concat(parts);
    },
    signedUrl: storage.signedUrl,
    release: (company, sha256) => blobs.release(company, sha256),
    discard(company) {
      blobs
        .discard(company)
        .catch((error: unknown) => log.warn({ err: error, company }, "files of a deleted company stay for now"));
    },
    async sweep() {
      const expired = await partials.expire(now());
      const orphans = await blobs.sweep();
      if (expired + orphans > 0) log.info({ expired, orphans }, "files that nobody needs were removed");
    },
    stop: () => {
      clearInterval(timer);
      pdfs.stop();
    },
  };
  const sweepSafely = (): void => {
    files.sweep().catch((error: unknown) => log.warn({ err: error }, "files that nobody needs could not be removed"));
  };
  const timer = setInterval(sweepSafely, SWEEP_EVERY_MS);
  timer.unref();
  return files;
}

async function openStorage(dataFolder: string, { storage, storageKeys }: FileSettings): Promise<Storage> {
  if (storage.kind === "disk") return diskStorage(join(dataFolder, "files"));
  // Loaded only here: its libraries weigh more than the api.
  const { s3Storage } = await import("./s3-storage.ts");
  return s3Storage(storage, storageKeys);
}
