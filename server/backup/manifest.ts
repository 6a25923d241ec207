/** The last entry of a backup: what is in it, and the sums that show whether it still is. */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "../../party/protocol/digest.ts";

/** The form of a backup; grows when an older program could not read a new one. */
export const BACKUP_FORMAT = 1;
export const MANIFEST_NAME = "manifest.json";

const part = z.object({
  name: z.string(),
  entries: z.number().int(),
  bytes: z.number().int(),
  /** SHA-256 over names, modes, sizes and contents of its entries, in order */
  sha256: z.string(),
});

const manifest = z.object({
  format: z.number().int(),
  /** ISO 8601: the instant whose state this is */
  at: z.string(),
  /** version of Atrium that made it */
  version: z.string(),
  /** newest migration of the database */
  schema: z.string(),
  /** form of the rooms' storage */
  rooms: z.number().int(),
  generation: z.number().int().min(1),
  /** names the vault's key without telling it; whether it lies in the backup */
  key: z.object({ id: z.string(), included: z.boolean() }),
  /** where uploaded files are when they are not in the backup */
  filesElsewhere: z.string().optional(),
  parts: z.array(part),
  /** seals all of the above with the vault's key */
  mac: z.string(),
});

export type BackupPart = z.infer<typeof part>;
export type Manifest = z.infer<typeof manifest>;

/** Undefined when the text is no manifest. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const parsed = manifest.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Seals a manifest. @param key the vault's key, base64url */
export function sealManifest(content: Omit<Manifest, "mac">, key: string): Manifest {
  return { ...content, mac: macOf(content, key) };
}

/** True when nobody without the key has changed the manifest. */
export function isSealedBy({ mac, ...content }: Manifest, key: string): boolean {
  const [given, expected] = [Buffer.from(mac, "base64url"), Buffer.from(macOf(content, key), "base64url")];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Tells keys apart without giving anything of them away. */
export function keyId(key: string): string {
  return createHash("sha256").update(derived(key, "atrium backup key id v1")).digest("hex").slice(0, 16);
}

function macOf(content: Omit<Manifest, "mac">, key: string): string {
  return createHmac("sha256", derived(key, "atrium backup mac v1")).update(canonicalJson(content)).digest("base64url");
}

function derived(key: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", Buffer.from(key, "base64url"), "", purpose, 32));
}

/** Names of the data folder that make up a part: what is found damaged is told by it. */
export function partOf(path: string): string {
  const [top = "", second, third] = path.split("/");
  if (top === "atrium.db") return "database";
  if (top === "workspaces" && second !== undefined) return third === undefined ? "workspaces" : `workspaces/${second}`;
  return top;
}

/** The sums of a backup's parts, entry by entry, while it is written or read. */
export class PartSums {
  readonly #parts = new Map<string, { entries: number; bytes: number; hash: ReturnType<typeof createHash> }>();
  #current: ReturnType<typeof createHash> | undefined;

  /** A new entry; its content follows through `add`. */
  begin(path: string, facts: { type: string; mode: number; size: number; link: string }): void {
    const name = partOf(path);
    const found = this.#parts.get(name) ?? { entries: 0, bytes: 0, hash: createHash("sha256") };
    this.#parts.set(name, found);
    found.entries += 1;
    found.bytes += facts.size;
    found.hash.update([path, facts.type, facts.mode, facts.size, facts.link, ""].join("\0"));
    this.#current = found.hash;
  }

  add(bytes: Uint8Array): void {
    this.#current?.update(bytes);
  }

  /** Ends the sums. */
  parts(): BackupPart[] {
    return [...this.#parts].map(([name, { entries, bytes, hash }]) => ({ name, entries, bytes, sha256: hash.digest("hex") }));
  }
}

/** The first part that is not as the manifest says; undefined when all are. */
export function damagedPart(said: readonly BackupPart[], found: readonly BackupPart[]): string | undefined {
  const byName = new Map(found.map((one) => [one.name, one]));
  for (const { name, entries, sha256 } of said) {
    const there = byName.get(name);
    if (there?.entries !== entries || there.sha256 !== sha256) return name;
    byName.delete(name);
  }
  return byName.keys().next().value;
}
