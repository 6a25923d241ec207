import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOOPBACK, pickPort } from "../launcher/ports.ts";
import { diskStorage } from "./disk-storage.ts";
import { s3Storage } from "./s3-storage.ts";
import { BlobMissing, type Storage, type StoredBlob, storageConfig } from "./storage.ts";

const KEY = `co_a/ab/ab${"0".repeat(62)}`;
const OTHER = `co_b/cd/cd${"0".repeat(62)}`;
let folder: string;
let server: S3rver;
let endpoint: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "atrium-storage-"));
  const port = await pickPort(LOOPBACK, []);
  endpoint = `http://${LOOPBACK}:${port}`;
  server = new S3rver({
    port,
    address: LOOPBACK,
    silent: true,
    directory: join(folder, "s3"),
    configureBuckets: [{ name: "files", configs: [] }],
  });
  await server.run();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const s3 = (direct = false) =>
  s3Storage({ kind: "s3", bucket: "files", endpoint, region: "us-east-1", direct }, { id: "S3RVER", secret: "S3RVER" });

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

async function all(list: AsyncIterable<StoredBlob>): Promise<[string, number][]> {
  const found: [string, number][] = [];
  for await (const { key, bytes } of list) found.push([key, bytes]);
  return found.sort();
}

function spooled(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe.each<[string, () => Storage]>([
  ["this machine's disk", () => diskStorage(join(folder, "disk"))],
  ["a store that speaks S3", () => s3()],
])("blobs on %s", (_name, open) => {
  test("are put, read whole and in part, listed and removed", async () => {
    const storage = open();
    await storage.put(KEY, spooled("one", "0123456789"), 10);
    await storage.put(OTHER, spooled("two", "x"), 1);
    expect(await textOf(await storage.open(KEY))).toBe("0123456789");
    expect(await textOf(await storage.open(KEY, { start: 2, end: 4 }))).toBe("234");
    expect(await storage.stat(KEY)).toMatchObject({ key: KEY, bytes: 10 });
    expect(await all(storage.list(""))).toEqual([
      [KEY, 10],
      [OTHER, 1],
    ]);
    expect(await all(storage.list("co_a/"))).toEqual([[KEY, 10]]);
    await storage.remove(KEY);
    await storage.remove(KEY);
    expect(await storage.stat(KEY)).toBeUndefined();
    await expect(storage.open(KEY).then(textOf)).rejects.toThrow(BlobMissing);
    await storage.remove(OTHER);
  });

  test("of the same content again are the same", async () => {
    const storage = open();
    for (const name of ["one", "again"]) await storage.put(KEY, spooled(name, "0123456789"), 10);
    expect(await textOf(await storage.open(KEY))).toBe("0123456789");
    await storage.remove(KEY);
  });
});

test("the file that was put stays, and no half of a blob is ever seen", async () => {
  const path = spooled("kept", "content");
  await diskStorage(join(folder, "disk")).put(KEY, path, 7);
  expect(readdirSync(folder)).toContain("kept");
  expect(readdirSync(join(folder, "disk/co_a/ab"))).toEqual([KEY.split("/").at(-1)]);
});

test("a signed link downloads from the store itself, under the file's name", async () => {
  const storage = s3(true);
  await storage.put(KEY, spooled("linked", "content"), 7);
  const link = await storage.signedUrl?.(KEY, { disposition: `attachment; filename="a.txt"`, mime: "text/plain" });
  const response = await fetch(link ?? "");
  expect([response.status, await response.text()]).toEqual([200, "content"]);
  expect(response.headers.get("content-disposition")).toContain("a.txt");
});

test.each([
  ["file:", { kind: "disk" }],
  ["s3://files", { kind: "s3", bucket: "files", endpoint: undefined, region: "us-east-1", direct: false }],
  [
    "s3://files?endpoint=http://10.0.0.1:9000&region=eu&direct=1",
    { kind: "s3", bucket: "files", endpoint: "http://10.0.0.1:9000", region: "eu", direct: true },
  ],
  ["gs://files", { kind: "s3", bucket: "files", endpoint: "https://storage.googleapis.com", region: "auto", direct: false }],
])("the setting %s", (url, config) => {
  expect(storageConfig.parse(url)).toEqual(config);
});

test.each(["ftp://files", "s3://", "s3://files/folder", "s3://files?endpoint=nowhere", "files"])("%s is refused", (url) => {
  expect(storageConfig.safeParse(url).success).toBe(false);
});
