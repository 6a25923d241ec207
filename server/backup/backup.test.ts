import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeLock } from "../launcher/lock.ts";
import { readKeyFile } from "./key.ts";
import { keyId, type Manifest, PartSums, sealManifest } from "./manifest.ts";
import { PinnedDatabase } from "./pinned.ts";
import { peekManifest, readBackup } from "./tar-reader.ts";
import { TarWriter } from "./tar-writer.ts";
import { LONG_NAME, NOW, TestFolder } from "./testing/folder.ts";
import { verifyBackup } from "./verify.ts";

let folder: TestFolder;
let file: string;
let restored: string;
beforeEach(async () => {
  folder = await TestFolder.make();
  file = join(folder.place, "backup.tar");
  restored = join(folder.place, "restored");
});
afterEach(() => folder.remove());

const text = (path: string): string => readFileSync(join(restored, path), "utf8");
const namesIn = (path: string): string[] => readdirSync(path).sort();
const rows = (sql: string): unknown[] => {
  const database = new DatabaseSync(join(restored, "atrium.db"), { readOnly: true });
  const found = database.prepare(sql).all();
  database.close();
  return found.map((row) => ({ ...row }));
};
const keys = () => [{ from: "the test", key: folder.key }];

describe("a backup", () => {
  it("is one file that nobody else may read, with nothing beside it", async () => {
    const { manifest, bytes } = await folder.backup();
    expect(namesIn(folder.place)).toEqual(["backup.tar", "data"]);
    expect(statSync(file)).toMatchObject({ mode: 0o100600, size: bytes });
    expect(manifest.parts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["rooms", "database", "files", "secrets", "workspaces/co_1", "atrium.yaml", "generation"]),
    );
    expect(peekManifest(file)).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(await verifyBackup(file, keys())).toMatchObject({ seal: "sealed" });
    expect(await verifyBackup(file, [])).toMatchObject({ seal: "unknown" });
  });

  it("leaves the keys, .env, logs and half uploads out", async () => {
    await folder.backup();
    const paths: string[] = [];
    readBackup(file, ({ path }) => {
      paths.push(path);
      return undefined;
    });
    const left = [".env", "secrets/vault.key", "secrets/rooms.key", "logs/api.log", "uploads/half", "lock.db", "atrium.db-wal"];
    for (const path of left) expect(paths).not.toContain(path);
    expect(paths).toContain("secrets/push.key");
    expect(readFileSync(file).includes(folder.key)).toBe(false);
  });

  it("takes a database as it was at the cut, whatever is written meanwhile", async () => {
    const path = join(folder.data, "atrium.db");
    const pinned = new PinnedDatabase(path);
    const writer = new DatabaseSync(path);
    writer.exec("DELETE FROM users");
    const copy = join(folder.place, "copy.db");
    await pinned.copyTo(copy);
    pinned.close();
    const seen = new DatabaseSync(copy, { readOnly: true });
    expect({ ...seen.prepare("SELECT count(*) AS n FROM users").get() }).toEqual({ n: 1 });
    expect({ ...writer.prepare("SELECT count(*) AS n FROM users").get() }).toEqual({ n: 0 });
    seen.close();
    writer.close();
  });

  it("does not replace a file, and leaves none behind when it fails", async () => {
    await folder.backup();
    await expect(folder.backup()).rejects.toThrow(/exists already/);
    const other = join(folder.place, "other.tar");
    for (const log of ["atrium.db-wal", "atrium.db-shm"]) rmSync(join(folder.data, log), { force: true });
    writeFileSync(join(folder.data, "atrium.db"), "this is no database, and long enough to be looked at as one".repeat(20));
    await expect(folder.backup({ to: other })).rejects.toThrow();
    expect(namesIn(folder.place)).toEqual(["backup.tar", "data"]);
  });

  it("says that it needs an instance", async () => {
    await expect(folder.backup({ data: join(folder.place, "empty") })).rejects.toThrow(/There is no instance in/);
  });
});

describe("a restore", () => {
  it("brings everything back: records, rooms, files with their rights, links as links", async () => {
    await folder.backup();
    const done = await folder.restore();
    expect(done).toMatchObject({ generation: 4, aside: undefined, key: true });
    expect(namesIn(folder.place)).toEqual(["backup.tar", "data", "restored"]);
    expect(text("generation")).toBe("4\n");
    expect(text("secrets/vault.key").trim()).toBe(folder.key);
    expect(existsSync(join(restored, "secrets/rooms.key")), "made anew").toBe(false);
    expect(text(`workspaces/co_1/ag_1/${LONG_NAME}`)).toBe("hello");
    expect(statSync(join(restored, "workspaces/co_1/ag_1/run.sh")).mode & 0o777).toBe(0o750);
    expect(statSync(join(restored, "secrets")).mode & 0o777).toBe(0o700);
    expect(readlinkSync(join(restored, "workspaces/co_1/ag_1/link"))).toBe("../../../../secrets/vault.key");
    const room = new DatabaseSync(join(restored, "rooms/storage/-agentDO/room.sqlite"), { readOnly: true });
    expect({ ...room.prepare("SELECT n FROM kept").get() }).toEqual({ n: 7 });
    room.close();
    expect(rows("SELECT name FROM users")).toEqual([{ name: "Ana" }]);
  });

  it("ends sign-ins, and writes into the audit that it happened", async () => {
    await folder.backup();
    await folder.restore();
    expect(rows("SELECT * FROM auth_sessions")).toEqual([]);
    expect(rows("SELECT action FROM activity ORDER BY n")).toEqual([
      { action: "account.created" },
      { action: "instance.restored" },
    ]);
  });

  it("puts an instance that is there aside, only when told to, and counts its generation on", async () => {
    await folder.backup();
    folder.write("generation", "9\n");
    const to = folder.data;
    await expect(folder.restore({ to })).rejects.toThrow(/There is an instance in .* already\. .*--force/);
    const { aside, generation } = await folder.restore({ to, force: true });
    expect(generation).toBe(10);
    expect(aside).toBe(`${to}.before-restore-2026-11-20T12-00-00`);
    expect(readFileSync(join(aside ?? "", "files/co_1/blob"), "utf8")).toBe("bytes of a file");
    expect(existsSync(join(to, ".env")), "settings of the machine stay with it").toBe(true);
    expect(lstatSync(join(to, "atrium.db")).isFile()).toBe(true);
  });

  it("refuses while Atrium runs on the folder", async () => {
    await folder.backup();
    const lock = takeLock(folder.data, "http://127.0.0.1:3000");
    await expect(folder.restore({ to: folder.data, force: true })).rejects.toThrow(/This data folder is in use/);
    lock.release();
  });

  it("asks for the key, refuses a wrong one, and goes on without it when told to", async () => {
    await folder.backup();
    await expect(folder.restore({ given: undefined })).rejects.toThrow(/needs its vault key .*--key-file.*--without-key/);
    const wrong = { from: "other.key", key: Buffer.alloc(32, 1).toString("base64url") };
    await expect(folder.restore({ given: wrong, atHand: keys() })).rejects.toThrow(
      /other\.key is not the key this backup was made with/,
    );
    expect(existsSync(join(restored, "atrium.db"))).toBe(false);
    expect(await folder.restore({ given: undefined, withoutKey: true })).toMatchObject({ key: false });
    expect(existsSync(join(restored, "secrets/vault.key"))).toBe(false);
  });

  it("needs no key where the backup holds it", async () => {
    await folder.backup({ withKey: true });
    expect(await folder.restore({ given: undefined })).toMatchObject({ key: true });
    expect(text("secrets/vault.key").trim()).toBe(folder.key);
  });

  it("says what is wrong with a file that is no key", () => {
    expect(() => readKeyFile(join(folder.data, "atrium.yaml"))).toThrow(/atrium\.yaml holds no key\. It must be 32 random bytes/);
    expect(() => readKeyFile(join(folder.data, "nowhere"))).toThrow(/cannot be read/);
  });
});

describe("a backup that is not what was written", () => {
  const untouched = async (change: Parameters<TestFolder["restore"]>[0], sentence: RegExp): Promise<void> => {
    await expect(verifyBackup(file, keys())).rejects.toThrow(sentence);
    await expect(folder.restore(change)).rejects.toThrow(/backup\.tar/);
    expect(existsSync(join(restored, "atrium.db"))).toBe(false);
    expect(namesIn(folder.place).filter((name) => name.includes("restoring"))).toEqual([]);
  };

  it.each([
    ["in its first entry", 700, /ends in the middle of the part rooms/],
    ["in the database", 20_000, /ends in the middle of the part database/],
    ["between two blocks", 512 * 5, /ends (in the middle of|after) the part/],
    ["in its beginning", 100, /ends in the middle of its beginning/],
    ["to nothing", 0, /ends after its beginning/],
  ])("torn %s is refused", async (_where, size, sentence) => {
    await folder.backup();
    truncateSync(file, size);
    await untouched({}, sentence);
  });

  it("torn behind its last part has no manifest", async () => {
    const { bytes } = await folder.backup();
    truncateSync(file, bytes - 2_048);
    await untouched({}, /manifest/);
  });

  it.each([
    ["the content of a file", "bytes of a file", "bytes of a fike", "files"],
    ["a script of an agent", "#!/bin/sh", "#!/bin/xx", "workspaces/co_1"],
  ])("with %s changed names the part", async (_what, before, after, part) => {
    await folder.backup();
    change(before, after);
    await untouched({}, new RegExp(`damaged in the part ${part}`));
  });

  it("with a page of the database changed names the database", async () => {
    await folder.backup();
    change("ana@example.com", "eve@example.com");
    await untouched({}, /damaged in the part database/);
  });

  it("with new sums for the change shows it by the seal", async () => {
    await folder.backup();
    change("bytes of a file", "bytes of a fike");
    forge({ parts: sumsOf() });
    await expect(verifyBackup(file, keys())).rejects.toThrow(/was changed after it was made/);
    await expect(folder.restore()).rejects.toThrow(/was changed after it was made/);
  });

  it.each([
    [{ schema: "9999_next" }, /made by a newer Atrium \(9\.0\.0, database 9999_next\); this one is 1\.2\.3/],
    [{ format: 9 }, /made by a newer Atrium/],
    [{ rooms: 9 }, /made by a newer Atrium/],
  ])("and comes from a newer Atrium is refused: %j", async (newer, sentence) => {
    await folder.backup();
    forge({ ...newer, version: "9.0.0" }, folder.key);
    await expect(folder.restore()).rejects.toThrow(sentence);
  });

  it.each(["../outside", "/etc/atrium", "workspaces/../../outside", "a//b"])(
    "that would write to %s is refused",
    async (path) => {
      craft((tar) => tar.text(path, "x", FACTS));
      await expect(folder.restore()).rejects.toThrow(/which no backup of Atrium does/);
      expect(existsSync(join(folder.place, "outside"))).toBe(false);
    },
  );

  it("that would write through a link is refused", async () => {
    craft((tar) => {
      tar.link("way", folder.place, FACTS);
      tar.text("way/outside", "x", FACTS);
    });
    await expect(folder.restore()).rejects.toThrow(/which no backup of Atrium does/);
    expect(existsSync(join(folder.place, "outside"))).toBe(false);
  });

  it("that is something else says so", async () => {
    writeFileSync(file, "a letter".repeat(1_000));
    await expect(folder.restore()).rejects.toThrow(/torn, or not a backup/);
    await expect(folder.restore({ file: join(folder.place, "nothing.tar") })).rejects.toThrow(/There is no file/);
    await expect(folder.restore({ file: folder.place })).rejects.toThrow(/is not a file/);
  });
});

const FACTS = { mode: 0o600, uid: 0, gid: 0, mtime: NOW };

/** Replaces bytes of the same length. */
function change(before: string, after: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(before);
  expect(at).toBeGreaterThan(0);
  bytes.write(after, at);
  writeFileSync(file, bytes);
}

/** Rewrites the manifest of the backup. @param key seals it; without one the old seal stays */
function forge(changes: Partial<Manifest>, key?: string): void {
  const manifest = peekManifest(file);
  if (!manifest) throw new Error("no manifest");
  const { mac, ...content } = { ...manifest, ...changes };
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf(JSON.stringify(manifest));
  const forged = JSON.stringify(key === undefined ? { ...content, mac } : sealManifest(content, key));
  // Text of the same length, so that the header in front of it still fits.
  expect(forged.length).toBeLessThanOrEqual(JSON.stringify(manifest).length);
  bytes.write(forged.padEnd(JSON.stringify(manifest).length), at);
  writeFileSync(file, bytes);
}

/** The sums of the file as it is. */
function sumsOf(): Manifest["parts"] {
  const sums = new PartSums();
  const seen = (): void =>
    void readBackup(file, (entry) => {
      sums.begin(entry.path, entry);
      return (bytes) => {
        if (bytes) sums.add(bytes);
      };
    });
  // It is damaged, and read to its end before that is said.
  expect(seen).toThrow(/damaged/);
  return sums.parts();
}

/** Writes a backup by hand, whose sums are right. */
function craft(fill: (tar: TarWriter) => void, manifest?: Manifest): void {
  const path = join(folder.place, `crafted-${createHash("sha256").update(String(fill)).digest("hex").slice(0, 8)}.tar`);
  const tar = new TarWriter(path);
  fill(tar);
  const content: Omit<Manifest, "mac"> = {
    format: 1,
    at: NOW.toISOString(),
    version: "1.2.3",
    schema: "0000_start",
    rooms: 1,
    generation: 3,
    key: { id: keyId(folder.key), included: false },
    parts: [],
  };
  const parts = tar.parts();
  const sealed = manifest ? { ...manifest, parts } : sealManifest({ ...content, parts }, folder.key);
  tar.finish("manifest.json", JSON.stringify(sealed), NOW);
  writeFileSync(file, readFileSync(path));
}
