/**
 * What is kept of an address to recognise a sign-in by: the network it belongs to. Enough to see "that was not me, I was
 * never there", too little to follow a person around.
 */
import { isIPv4, isIPv6 } from "node:net";

const V4_PARTS = 3;
const V6_GROUPS = 3;

/** `203.0.113.x` (a /24), `2001:db8:85a3::` (a /48), `this machine`; undefined for what is no address. */
export function networkOf(address: string): string | undefined {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "").split("%", 1)[0] ?? "";
  if (isIPv4(bare)) return bare.startsWith("127.") ? "this machine" : `${bare.split(".").slice(0, V4_PARTS).join(".")}.x`;
  if (!isIPv6(bare)) return undefined;
  if (bare === "::1") return "this machine";
  return `${groupsOf(bare).slice(0, V6_GROUPS).join(":")}::`;
}

/** The eight groups of an IPv6 address, each in its shortest form. */
export function groupsOf(address: string): string[] {
  // The URL parser writes an IPv6 address in its one canonical form.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right];
}
