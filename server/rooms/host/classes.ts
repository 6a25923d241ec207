/** The rooms that `partykit.json` lists, as the Durable Object classes `party/host.ts` exports for them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface RoomClass {
  /** name of the party and of its binding in the worker */
  binding: string;
  className: string;
}

export interface Rooms {
  classes: RoomClass[];
  compatibilityDate: string;
  compatibilityFlags: string[];
}

/** PartyKit turns it on by itself, and refuses a second mention in `partykit.json`. */
const ALWAYS_ON = "nodejs_compat";

const NAME = /^[a-z][A-Za-z0-9_]*$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const FLAG = /^[a-z0-9_]+$/;

/** Reads `partykit.json` of the project. @throws Error naming what is wrong in it */
export function readRooms(root: string): Rooms {
  const parsed: unknown = JSON.parse(readFileSync(join(root, "partykit.json"), "utf8"));
  return roomsOf(parsed);
}

/** The rooms of a parsed `partykit.json`. Class names are those PartyKit itself gives: they name the rooms' storage. */
export function roomsOf(config: unknown): Rooms {
  if (typeof config !== "object" || config === null) throw new Error("partykit.json is not an object");
  if (!("main" in config) || typeof config.main !== "string") throw new Error('partykit.json: "main" must name a file');
  const parties = "parties" in config && typeof config.parties === "object" && config.parties ? Object.keys(config.parties) : [];
  for (const name of parties)
    if (!NAME.test(name) || name === "main") throw new Error(`partykit.json: "${name}" cannot name a party`);

  const date = "compatibilityDate" in config ? config.compatibilityDate : undefined;
  if (typeof date !== "string" || !DATE.test(date))
    throw new Error('partykit.json: "compatibilityDate" must be a date like 2026-05-01');
  const flags: unknown[] =
    "compatibilityFlags" in config && Array.isArray(config.compatibilityFlags) ? config.compatibilityFlags : [];
  return {
    classes: [
      { binding: "main", className: "PartyKitDurable" },
      ...parties.map((name) => ({ binding: name, className: `${name}DO` })),
    ],
    compatibilityDate: date,
    compatibilityFlags: [ALWAYS_ON, ...flags.map(flagOf)],
  };
}

function flagOf(flag: unknown): string {
  if (typeof flag !== "string" || !FLAG.test(flag)) throw new Error(`partykit.json: ${String(flag)} is not a compatibility flag`);
  if (flag === ALWAYS_ON) throw new Error(`partykit.json: leave out ${ALWAYS_ON}, it is always on`);
  return flag;
}
