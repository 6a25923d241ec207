import { expect, test } from "vitest";
import { clientAddress } from "./address.ts";

test.each([
  ["nobody is trusted", "10.0.0.1", "1.2.3.4", [], "10.0.0.1"],
  ["a proxy vouches for the last hop", "10.0.0.1", "6.6.6.6, 1.2.3.4", ["10.0.0.1"], "1.2.3.4"],
  ["two proxies", "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", ["10.0.0.1", "10.0.0.2"], "1.2.3.4"],
  ["a proxy that names nobody", "10.0.0.1", undefined, ["10.0.0.1"], "10.0.0.1"],
  ["an IPv4 address in IPv6 clothes", "10.0.0.1", "::ffff:1.2.3.4", ["10.0.0.1"], "1.2.3.4"],
])("%s", (_name, peer, forwarded, proxies, expected) => {
  expect(clientAddress(peer, forwarded, proxies)).toBe(expected);
});
