import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, it } from "vitest";
import { ROOMS_FORMAT } from "../../party/protocol/rooms-format.ts";
import { putRoomsBack } from "../backup/rooms-copy.ts";
import { prepareRooms } from "./rooms-format.ts";
import { readSettings } from "./settings.ts";

const ROOT = join(import.meta.dirname, "../..");
const ROOM = "rooms/storage/-agentDO/room.sqlite";
let data: string;
let said: string[];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "atrium-rooms-format-"));
  said = [];
});

const prepare = () => prepareRooms(readSettings([], { ATRIUM_DATA: data }, ROOT), (line) => said.push(line));
const form = (): string => readFileSync(join(data, "rooms/format"), "utf8");

/** A room that holds one number. */
function room(n: number): void {
  mkdirSync(join(data, ROOM, ".."), { recursive: true });
  const database = new DatabaseSync(join(data, ROOM));
  database.exec(`CREATE TABLE IF NOT EXISTS kept (n INTEGER); DELETE FROM kept; INSERT INTO kept VALUES (${n})`);
  database.close();
}

function kept(): unknown {
  const database = new DatabaseSync(join(data, ROOM), { readOnly: true });
  const row = database.prepare("SELECT n FROM kept").get();
  database.close();
  return row?.n;
}

it("notes the form of rooms that have none, and copies nothing", async () => {
  room(1);
  await prepare();
  await prepare();
  expect(form()).toBe(`${ROOMS_FORMAT}\n`);
  expect(existsSync(join(data, "backups"))).toBe(false);
  expect(said).toEqual([]);
});

it("refuses rooms that a newer version has used, and changes nothing", async () => {
  mkdirSync(join(data, "rooms"));
  writeFileSync(join(data, "rooms/format"), "99\n");
  await expect(prepare()).rejects.toThrow(/used by a newer Atrium \(form 99; .*restore a backup made before the upgrade/);
  expect(form()).toBe("99\n");
});

it("copies rooms of an older form before they are changed; the copy comes back with that of the database", async () => {
  room(1);
  writeFileSync(join(data, "rooms/format"), "0\n");
  await prepare();
  expect(form()).toBe(`${ROOMS_FORMAT}\n`);
  const [copy = ""] = readdirSync(join(data, "backups"));
  expect(said).toEqual([`The rooms before this upgrade are kept in ${join(data, "backups", copy)}`]);
  room(2);
  expect(putRoomsBack(data, copy.replace(/\.rooms$/, ".db"), join(data, "aside"))).toBe(true);
  expect(kept()).toBe(1);
  expect(form()).toBe("0\n");
  expect(existsSync(join(data, "aside/-agentDO/room.sqlite"))).toBe(true);
});

it("leaves rooms as they are where the upgrade did", () => {
  room(3);
  expect(putRoomsBack(data, "before-9.9.9-2026-01-01T00-00-00.000Z.db", join(data, "aside"))).toBe(false);
  expect(kept()).toBe(3);
});
