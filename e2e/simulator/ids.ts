/** Ids whose randomness comes from the seed. */
import { type IdPrefix, makeId } from "../../party/protocol/ids.ts";
import type { Kernel } from "./kernel.ts";

export function newIdFrom(kernel: Kernel, prefix: IdPrefix): string {
  const random = Uint8Array.from({ length: 16 }, () => Math.floor(kernel.random.next() * 256));
  return makeId(prefix, Math.floor(kernel.now), random);
}
