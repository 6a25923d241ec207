import { expect, test } from "vitest";
import { networkOf } from "./network.ts";

test.each([
  ["203.0.113.77", "203.0.113.x"],
  ["::ffff:203.0.113.77", "203.0.113.x"],
  ["2001:db8:85a3:1:2:3:4:5", "2001:db8:85a3::"],
  ["2001:db8::1%eth0", "2001:db8:0::"],
  ["127.0.0.1", "this machine"],
  ["::1", "this machine"],
  ["unknown", undefined],
])("of %s is kept: %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
