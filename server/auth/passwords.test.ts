import { expect, test } from "vitest";
import { createPasswords, PasswordsBusy, SCRYPT_COST } from "./passwords.ts";

const cheap = { n: 2 ** 10, r: 8, p: 1 };

test("the right password is recognised, another is not, and equal ones are stored differently", async () => {
  const passwords = createPasswords(cheap);
  const [first, second] = await Promise.all([passwords.hash("correct horse"), passwords.hash("correct horse")]);
  expect(first).not.toBe(second);
  expect(await passwords.verify("correct horse", first)).toBe(true);
  expect(await passwords.verify("correct horsf", first)).toBe(false);
});

test("the same letters typed on another system are the same password", async () => {
  const passwords = createPasswords(cheap);
  expect(await passwords.verify("cafe\u0301 au lait", await passwords.hash("caf\u00e9 au lait"))).toBe(true);
});

test("a hash made with other parameters still verifies", async () => {
  const old = await createPasswords({ n: 2 ** 9, r: 8, p: 1 }).hash("correct horse");
  expect(await createPasswords(cheap).verify("correct horse", old)).toBe(true);
});

test("an unknown person costs as much as a known one and is never let in", async () => {
  const passwords = createPasswords({ n: 2 ** 14, r: 8, p: 1 });
  const stored = await passwords.hash("correct horse");
  const time = async (hash: string | undefined) => {
    const start = performance.now();
    expect(await passwords.verify("wrong", hash)).toBe(false);
    return performance.now() - start;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < 9; i++) {
    known.push(await time(stored));
    unknown.push(await time(undefined));
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[4] ?? 0;
  // An answer without hashing would be a hundred times faster; the bound leaves room for a busy machine.
  expect(median(unknown) / median(known)).toBeGreaterThan(0.4);
});

test("a flood of sign-ins is refused instead of piling up", async () => {
  const passwords = createPasswords(cheap);
  const results = await Promise.allSettled(Array.from({ length: 100 }, () => passwords.hash("correct horse")));
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(PasswordsBusy);
  expect(await passwords.hash("correct horse")).toMatch(/^scrypt\$/);
});

test("the cost is the one OWASP asks for", () => {
  expect(SCRYPT_COST).toEqual({ n: 65_536, r: 8, p: 2 });
});
