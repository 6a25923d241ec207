import { deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { text } from "../api/test-app.ts";
import { readRange } from "./serve.ts";
import { FileApp } from "./testing/file-app.ts";

let app: FileApp;
beforeEach(async () => {
  app = await FileApp.open();
});
afterEach(() => app.close());

const content = (file: string, headers: Record<string, string> = {}, query = "", method = "GET") =>
  app.fetch(`${app.files}/${file}/content${query}`, { method, headers });
const preview = async (file: string) => (await app.ana.call("GET", `${app.files}/${file}/preview`)).body;

test("a part is sent for a range, and nothing for what the asker has", async () => {
  const file = await app.upload("digits.txt", "0123456789");
  const part = await content(file, { range: "bytes=2-4" });
  expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 2-4/10", "234"]);
  const etag = part.headers.get("etag") ?? "";
  expect((await content(file, { "if-none-match": etag })).status).toBe(304);
  expect(await (await content(file, { range: "bytes=-3", "if-range": etag })).text()).toBe("789");
  expect(await (await content(file, { range: "bytes=-3", "if-range": '"other"' })).text()).toBe("0123456789");
  const outside = await content(file, { range: "bytes=10-" });
  expect([outside.status, outside.headers.get("content-range")]).toEqual([416, "bytes */10"]);
  const head = await content(file, {}, "", "HEAD");
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
});

test.each([
  ["bytes=0-", { start: 0, end: 9 }],
  ["bytes=5-100", { start: 5, end: 9 }],
  ["bytes=-100", { start: 0, end: 9 }],
  ["bytes=-0", "outside"],
  ["bytes=4-2", undefined],
  ["bytes=0-1,3-4", undefined],
  ["lines=0-1", undefined],
  ["bytes=-", undefined],
  [undefined, undefined],
])("the range %s of ten bytes", (header, range) => {
  expect(readRange(header, 10)).toEqual(range);
});

test("pictures and plain text are shown in place, everything else is saved", async () => {
  const how = async (name: string, what: string) => {
    const response = await content(await app.upload(name, what), {}, "?inline=1");
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    return response.headers.get("content-disposition")?.split(";", 1)[0];
  };
  expect(await how("a.txt", "hi")).toBe("inline");
  expect(await how("a.html", "<script>alert(1)</script>")).toBe("attachment");
  expect(await how("a.md", "# hi")).toBe("attachment");
});

test("a preview shows text, Markdown and rows, cut where they are long", async () => {
  expect(await preview(await app.upload("a.txt", "hi"))).toEqual({ kind: "text", text: "hi", truncated: false });
  const long = text(await preview(await app.upload("b.txt", "ä".repeat(300_000))), "text");
  expect(long).toMatch(/^ä+$/);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(512 * 1024);
  expect(await preview(await app.upload("c.csv", 'a,b\n"1, one",2\n'))).toEqual({
    kind: "table",
    rows: [
      ["a", "b"],
      ["1, one", "2"],
    ],
    truncated: false,
  });
  const rows = Array.from({ length: 500 }, (_, n) => `${n},x`).join("\n");
  expect(await preview(await app.upload("d.csv", rows))).toMatchObject({ rows: { length: 200 }, truncated: true });
});

test("an archive is never unpacked: a bomb is a small file with its facts", async () => {
  const packed = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
  const name = Buffer.from("bomb");
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(64 * 1024 * 1024, 22);
  header.writeUInt16LE(name.length, 26);
  const file = await app.upload("bomb.zip", Buffer.concat([header, name, packed]));
  expect((await app.facts(file)).body).toMatchObject({ mime: "application/zip", shownAs: "facts", bytes: packed.length + 34 });
  expect(await preview(file)).toEqual({ kind: "facts" });
});

test("a file whose content the storage lost says so", async () => {
  const { files } = app.app.services;
  const file = await app.upload("a.txt", "hi");
  const sha = text((await app.facts(file)).body, "sha256");
  await app.app.services.write(() => [{ sql: "UPDATE files SET sha256 = ? WHERE id = ?", args: ["0".repeat(64), file] }]);
  await files.release(app.company, sha);
  const lost = await content(file);
  expect([lost.status, text(await lost.json(), "error", "code")]).toEqual([410, "content_missing"]);
});

test("names are shown and searched as they were cleaned", async () => {
  const file = await app.upload("../../etc/pass\u202ewd\n.txt", "x");
  expect((await app.facts(file)).body).toMatchObject({ name: "pass wd .txt" });
  const { body } = await app.ana.call("GET", `${app.files}?q=${encodeURIComponent("PASS WD")}`);
  expect(body).toMatchObject({ items: [{ id: file }] });
});
