/** Web push (RFC 8030, 8291, 8292): the keys of this instance, and one encrypted note to one browser. */
import { lookup } from "node:dns";
import type { Agent } from "node:https";
import { BlockList, isIPv6, type LookupFunction } from "node:net";
import type { Client } from "@libsql/client/sqlite3";
import { z } from "zod";
import type { Write } from "../../db/write-queue.ts";
import type { Vault } from "../secrets/vault.ts";

/** Row of `instance` that keeps the VAPID keys, sealed. */
const KEYS_ROW = "vapid";
/** s a push service keeps a note for a device that is off; an ask older than a day is told by its reminder */
const TTL_S = 24 * 3_600;
/** ms for one answer of a push service */
const ANSWER_MS = 10_000;

/** Names that only mean something inside a network: no push service lives there, and nobody shall have us knock there. */
const PRIVATE_NAME = /(^|\.)(localhost|local|lan|home|internal|intranet|corp)$|^[^.]+$|^[\d.]+$|^\[/;

export const subscription = z.object({
  endpoint: z
    .url({ protocol: /^https$/ })
    .max(1_000)
    .refine((url) => !PRIVATE_NAME.test(new URL(url).hostname.replace(/\.$/, "")), "names no push service"),
  keys: z.object({ p256dh: z.string().min(1).max(200), auth: z.string().min(1).max(100) }),
});
export type Subscription = z.infer<typeof subscription>;

const vapidKeys = z.object({ publicKey: z.string(), privateKey: z.string() });
export type VapidKeys = z.infer<typeof vapidKeys>;

/** `gone`: the browser took the permission back, or forgot us. `later`: the service is busy or out of reach. */
export type Pushed = { kind: "sent" } | { kind: "gone" } | { kind: "later"; why: string } | { kind: "refused"; why: string };

/** The instance's keys, made with the first use. Browsers bind a subscription to the public one. */
export async function vapidKeysOf(read: Client, write: Write, vault: Vault): Promise<VapidKeys> {
  const stored = async (): Promise<VapidKeys | undefined> => {
    const { rows } = await read.execute({ sql: "SELECT value FROM instance WHERE key = ?", args: [KEYS_ROW] });
    const sealed = rows[0]?.value;
    return typeof sealed === "string" ? vapidKeys.parse(JSON.parse(vault.open(sealed, KEYS_ROW))) : undefined;
  };
  const known = await stored();
  if (known) return known;
  const { default: webPush } = await import("web-push");
  const sealed = vault.seal(JSON.stringify(webPush.generateVAPIDKeys()), KEYS_ROW);
  // Two first uses at once: the first one that is written counts for both.
  await write(() => [
    { sql: "INSERT INTO instance (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING", args: [KEYS_ROW, sealed] },
  ]);
  const made = await stored();
  if (!made) throw new Error("the keys for push were not stored");
  return made;
}

/** Connects to addresses of the public internet only: a name may lead anywhere, also after it was looked at. */
async function publicAgent(): Promise<Agent> {
  const { Agent } = await import("node:https");
  return new Agent({ lookup: lookupPublic });
}

const lookupPublic: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return done(error, "", 0);
    const [first] = found.filter(({ address }) => !isPrivate(address));
    if (!first) return done(new Error("the name leads into a private network"), "", 0);
    if (options.all) done(null, [first]);
    else done(null, first.address, first.family);
  });
};

const PRIVATE_NETS = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  PRIVATE_NETS.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 128],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  PRIVATE_NETS.addSubnet(net, bits, "ipv6");

/** True for addresses of this machine and of networks that are nobody's business outside. */
export function isPrivate(address: string): boolean {
  return PRIVATE_NETS.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** @param contact `mailto:` or https address at which a push service reaches the operator; @param agent how to connect, in tests */
export async function sendPush(
  to: Subscription,
  payload: object,
  keys: VapidKeys,
  contact: string,
  agent?: Agent,
): Promise<Pushed> {
  const { default: webPush } = await import("web-push");
  try {
    await webPush.sendNotification(to, JSON.stringify(payload), {
      vapidDetails: { subject: contact, ...keys },
      TTL: TTL_S,
      urgency: "high",
      timeout: ANSWER_MS,
      agent: agent ?? (await publicAgent()),
    });
    return { kind: "sent" };
  } catch (error) {
    if (!(error instanceof webPush.WebPushError))
      return { kind: "later", why: error instanceof Error ? error.message : "no answer" };
    const { statusCode } = error;
    if (statusCode === 404 || statusCode === 410) return { kind: "gone" };
    // The service's own words may name the endpoint, which is a secret of the person.
    const why = `the push service answered ${statusCode}`;
    return statusCode === 429 || statusCode >= 500 ? { kind: "later", why } : { kind: "refused", why };
  }
}
