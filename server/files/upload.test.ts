import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { text } from "../api/test-app.ts";
import { FileApp, TUS } from "./testing/file-app.ts";

const MIB = 1024 * 1024;
let now: number;
/** bytes */
let free: number;
let app: FileApp;

beforeEach(async () => {
  now = Date.parse("2026-02-03T04:05:06.000Z");
  free = Number.MAX_SAFE_INTEGER;
  app = await FileApp.open({ clock: { now: () => now }, freeSpace: async () => free, env: { ATRIUM_UPLOAD_MAX_MB: "16" } });
});
afterEach(() => app.close());

/** Bytes of no known type, the same for the same seed. */
function bytesOf(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0, x = seed; i < length; i++) {
    x = (x * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[i] = x >> 16;
  }
  return bytes;
}

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const unfinished = () => (existsSync(join(app.app.folder, "uploads")) ? readdirSync(join(app.app.folder, "uploads")) : []);
const blobOf = (hash: string) => join(app.app.folder, "files", app.company, hash.slice(0, 2), hash);

describe("an upload", () => {
  test("becomes a file with its name, size, type and content", async () => {
    const id = await app.upload("notes.md", "# Hello\n");
    expect((await app.facts(id)).body).toMatchObject({
      id,
      kind: "upload",
      name: "notes.md",
      mime: "text/markdown",
      bytes: 8,
      sha256: sha(Buffer.from("# Hello\n")),
      by: { id: app.ana.id, name: "Ana", kind: "person" },
    });
    const content = await app.fetch(`${app.files}/${id}/content`);
    expect(await content.text()).toBe("# Hello\n");
    expect(content.headers.get("content-disposition")).toBe(`attachment; filename="notes.md"; filename*=UTF-8''notes.md`);
    expect(unfinished()).toEqual([]);
  });

  test("of nothing is a file too", async () => {
    const id = await app.upload("empty.txt", "");
    expect((await app.facts(id)).body).toMatchObject({ bytes: 0, mime: "text/plain" });
    expect(await (await app.fetch(`${app.files}/${id}/content`)).text()).toBe("");
  });

  test("goes on where it was interrupted at 90 %", async () => {
    const bytes = bytesOf(4 * MIB);
    const location = (await app.begin("big.bin", bytes.length)).headers.get("location") ?? "";
    await breakOff(location, bytes, Math.floor(bytes.length * 0.9));
    await expect.poll(() => app.offset(location)).toBe(Math.floor(bytes.length * 0.9));
    const offset = await app.offset(location);
    expect((await app.send(location, offset, bytes.subarray(offset))).status).toBe(204);
    const id = location.split("/").at(-1) ?? "";
    expect((await app.facts(id)).body).toMatchObject({ bytes: bytes.length, sha256: sha(bytes) });
    expect(sha(new Uint8Array(await (await app.fetch(`${app.files}/${id}/content`)).arrayBuffer()))).toBe(sha(bytes));
    // Whoever missed the last answer asks how far it came.
    expect(await app.offset(location)).toBe(bytes.length);
  });

  /** Sends the first `count` bytes of a request that announced all of them, then tears the connection. */
  function breakOff(location: string, bytes: Uint8Array, count: number): Promise<void> {
    return new Promise((resolve) => {
      const headers = {
        ...TUS,
        cookie: app.ana.cookie,
        "upload-offset": "0",
        "content-type": "application/offset+octet-stream",
        "content-length": bytes.length,
      };
      const sent = request(app.url + location, { method: "PATCH", headers });
      sent.on("error", () => resolve());
      sent.on("close", () => resolve());
      sent.write(bytes.subarray(0, count), () => void arrived(location, count).then(() => sent.destroy()));
    });
  }

  async function arrived(location: string, count: number): Promise<void> {
    const id = location.split("/").at(-1) ?? "";
    await expect.poll(() => app.app.services.files.partials.received(id)).toBe(count);
  }

  test("too large is told before a byte is sent, with the limit", async () => {
    const refused = await app.begin("film.mp4", 17 * MIB);
    expect(refused.status).toBe(413);
    expect(await refused.json()).toMatchObject({
      error: { code: "too_large", message: "This file has 17 MiB; the limit here is 16 MiB. Nothing was sent." },
    });
    expect(unfinished()).toEqual([]);
  });

  test("cannot send more than it announced", async () => {
    const location = (await app.begin("a.bin", 10)).headers.get("location") ?? "";
    expect((await app.send(location, 0, bytesOf(20))).status).toBe(413);
    expect(await app.offset(location)).toBe(0);
  });

  test("does not begin where it would fill the disk, and stays resumable when the disk fills meanwhile", async () => {
    const location = (await app.begin("a.bin", 8)).headers.get("location") ?? "";
    expect((await app.send(location, 0, bytesOf(4))).status).toBe(204);
    free = 64 * MIB + 5;
    await app.app.services.disk.check();
    const refused = await app.begin("b.bin", 6);
    expect([refused.status, text(await refused.json(), "error", "code")]).toEqual([507, "storage_full"]);
    free = 1;
    await app.app.services.disk.check();
    const stopped = await app.send(location, 4, bytesOf(4));
    expect([stopped.status, text(await stopped.json(), "error", "code")]).toEqual([507, "storage_full"]);
    expect(await app.offset(location)).toBe(4);
    free = Number.MAX_SAFE_INTEGER;
    await app.app.services.disk.check();
    expect((await app.send(location, 4, bytesOf(4))).status).toBe(204);
    expect((await app.facts(location.split("/").at(-1) ?? "")).body).toMatchObject({ bytes: 8 });
  });

  test("belongs to who began it", async () => {
    const bo = await app.ana.invite("Bo", app.company, "admin");
    const location = (await app.begin("a.bin", 8)).headers.get("location") ?? "";
    expect((await app.send(location, 0, bytesOf(8), bo)).status).toBe(404);
    expect((await app.fetch(location, { method: "HEAD", headers: TUS, person: bo })).status).toBe(404);
    expect((await app.fetch(location, { method: "DELETE", headers: TUS, person: bo })).status).toBe(404);
    const other = await app.ana.makeCompany("South");
    expect((await app.fetch(location.replace(app.company, other), { method: "HEAD", headers: TUS })).status).toBe(404);
    expect(await app.offset(location)).toBe(0);
  });

  test("can be given up", async () => {
    const location = (await app.begin("a.bin", 8)).headers.get("location") ?? "";
    expect((await app.fetch(location, { method: "DELETE", headers: TUS })).status).toBe(204);
    expect((await app.fetch(location, { method: "HEAD", headers: TUS })).status).toBe(404);
    expect(unfinished()).toEqual([]);
  });

  test("is removed when nobody goes on with it for a day", async () => {
    const location = (await app.begin("a.bin", 8)).headers.get("location") ?? "";
    now += 24 * 3_600_000 - 1;
    await app.app.services.files.sweep();
    expect(await app.offset(location)).toBe(0);
    now += 1;
    expect((await app.fetch(location, { method: "HEAD", headers: TUS })).status).toBe(410);
    await app.app.services.files.sweep();
    expect((await app.fetch(location, { method: "HEAD", headers: TUS })).status).toBe(404);
    expect(unfinished()).toEqual([]);
  });

  test("is no way around the limits of other requests", async () => {
    const headers = { ...TUS, "content-type": "application/offset+octet-stream" };
    const elsewhere = await app.fetch(`/api/companies/${app.company}`, { method: "PATCH", headers, body: bytesOf(2 * MIB) });
    expect([413, 415]).toContain(elsewhere.status);
    const withBody = await app.fetch(app.uploads, {
      method: "POST",
      headers: { ...headers, "upload-length": "8" },
      body: bytesOf(8),
    });
    expect(withBody.status).toBe(415);
  });

  test("into a conversation needs one of this company", async () => {
    expect((await app.begin("a.txt", 1, { session: "ss_nobody" })).status).toBe(404);
  });
});

describe("a content", () => {
  test("that two files share is stored once and goes with the last of them", async () => {
    const [one, two] = [await app.upload("one.txt", "same"), await app.upload("two.txt", "same")];
    const blob = blobOf(sha(Buffer.from("same")));
    expect(existsSync(blob)).toBe(true);
    expect((await app.ana.call("DELETE", `${app.files}/${one}`)).status).toBe(204);
    expect((await app.facts(one)).status).toBe(404);
    expect(existsSync(blob)).toBe(true);
    expect((await app.ana.call("DELETE", `${app.files}/${two}`)).status).toBe(204);
    expect(existsSync(blob)).toBe(false);
  });

  test("goes with its company, and with no other", async () => {
    const south = await app.ana.makeCompany("South");
    await app.upload("one.txt", "same");
    const gone = blobOf(sha(Buffer.from("same")));
    const north = app.company;
    app.company = south;
    await app.upload("one.txt", "same");
    const stays = blobOf(sha(Buffer.from("same")));
    expect((await app.ana.call("DELETE", `/api/companies/${north}`)).status).toBe(204);
    await vi.waitUntil(() => !existsSync(gone));
    expect(existsSync(stays)).toBe(true);
  });

  test("that no file names is swept an hour later", async () => {
    const { files, write } = app.app.services;
    const id = await app.upload("one.txt", "left behind");
    await write(() => [{ sql: "DELETE FROM files WHERE id = ?", args: [id] }]);
    const blob = blobOf(sha(Buffer.from("left behind")));
    now = Date.now();
    await files.sweep();
    expect(existsSync(blob)).toBe(true);
    now += 3_600_001;
    await files.sweep();
    expect(existsSync(blob)).toBe(false);
  });
});
