import { expect, test } from "vitest";
import { CHALLENGE_MS, Challenges } from "./challenges.ts";

const SIGN_IN = { kind: "passkey.sign-in" } as const;

test("a challenge is good once, for its own purpose, in its own browser, for five minutes", () => {
  let now = 0;
  const challenges = new Challenges(() => now);
  const issue = () => challenges.issue(SIGN_IN, "browser", "address");

  const first = issue();
  expect(challenges.take("passkey.sign-in", first, "another")).toBeUndefined();
  expect(challenges.take("passkey.sign-in", first, undefined)).toBeUndefined();
  expect(challenges.take("passkey.sign-in", first, "browser"), "a try elsewhere did not spoil it").toEqual(SIGN_IN);
  expect(challenges.take("passkey.sign-in", first, "browser")).toBeUndefined();

  const second = issue();
  expect(challenges.take("oidc", second, "browser")).toBeUndefined();
  expect(challenges.take("passkey.sign-in", second, "browser"), "spent by the wrong try of its own browser").toBeUndefined();

  const third = issue();
  now += CHALLENGE_MS;
  expect(challenges.take("passkey.sign-in", third, "browser")).toBeUndefined();
});

test("whoever begins without end pushes out only their own", () => {
  const challenges = new Challenges(() => 0);
  const mine = challenges.issue(SIGN_IN, "mine", "198.51.100.1");
  const theirs = Array.from({ length: 200 }, () => challenges.issue(SIGN_IN, "theirs", "203.0.113.1"));
  expect(challenges.take("passkey.sign-in", theirs[0] ?? "", "theirs")).toBeUndefined();
  expect(challenges.take("passkey.sign-in", theirs.at(-1) ?? "", "theirs")).toEqual(SIGN_IN);
  expect(challenges.take("passkey.sign-in", mine, "mine")).toEqual(SIGN_IN);
});
