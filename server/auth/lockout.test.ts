import { expect, test } from "vitest";
import { accountKey, addressKey } from "./lockout.ts";

test.each([
  ["203.0.113.9", "address:203.0.113.9"],
  ["::ffff:203.0.113.9", "address:203.0.113.9"],
  ["2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"],
  ["2001:db8:1:2::99", "address:2001:db8:1:2::/64"],
  ["2001:DB8::1", "address:2001:db8:0:0::/64"],
  ["::1", "address:0:0:0:0::/64"],
  ["fe80::1%eth0", "address:fe80:0:0:0::/64"],
  ["nonsense", "address:unknown"],
])("%s counts as %s", (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test("a mailbox does not stand in clear in the table of failures", () => {
  expect(accountKey("ana@example.com")).toMatch(/^account:[0-9a-f]{64}$/);
});
