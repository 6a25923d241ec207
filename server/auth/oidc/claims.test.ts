import { expect, test } from "vitest";
import { checkClaims } from "./claims.ts";

const now = 1_700_000_000_000;
const expected = { issuer: "https://id.example", clientId: "atrium", nonce: "n", now };
const token = { iss: "https://id.example", sub: "1", aud: "atrium", exp: now / 1_000 + 60, nonce: "n", email: " A@Example.com" };
const why = (changed: object, wanted = expected) => {
  const checked = checkClaims({ ...token, ...changed }, wanted);
  return checked.kind === "refused" ? checked.why : "person";
};

test("a token that fits names a person; the address in lower case and only as sure as the provider is", () => {
  expect(checkClaims(token, expected)).toEqual({
    kind: "person",
    person: { issuer: "https://id.example", subject: "1", name: undefined, email: "a@example.com", verified: "unsaid" },
  });
  const verified = (claims: object) => {
    const checked = checkClaims({ ...token, ...claims }, expected);
    return checked.kind === "person" ? checked.person.verified : checked.why;
  };
  expect([true, "true", false, "false"].map((email_verified) => verified({ email_verified }))).toEqual([
    "yes",
    "yes",
    "no",
    "no",
  ]);
  expect(verified({ xms_edov: 1 })).toBe("yes");
  expect(verified({ email_verified: false, xms_edov: true }), "a plain no stays a no").toBe("no");
});

test("another issuer, another client, another sign-in, an old one: none of them lets anybody in", () => {
  expect(why({ iss: "https://id.example.evil" })).toContain("iss");
  expect(why({ aud: "another" })).toContain("aud");
  expect(why({ aud: ["atrium", "another"] })).toContain("azp");
  expect(why({ aud: ["atrium", "another"], azp: "atrium" })).toBe("person");
  expect(why({ exp: now / 1_000 - 61 })).toBe("expired");
  expect(why({ nonce: "another" })).toContain("nonce");
  expect(why({ nonce: undefined })).toContain("nonce");
  expect(why({ sub: "" })).toContain("sub");
});

test("a shared endpoint of Microsoft speaks for the tenant in the token, and for nobody else", () => {
  const shared = { ...expected, issuer: "https://login.example/{tenantid}/v2.0" };
  const tid = "9188040d-6c67-4c5b-b112-36a304b66dad";
  expect(why({ iss: `https://login.example/${tid}/v2.0`, tid }, shared)).toBe("person");
  expect(why({ iss: `https://login.example/${tid}/v2.0` }, shared)).toContain("iss");
  expect(why({ iss: "https://login.example/../evil/v2.0", tid: "../evil" }, shared)).toContain("iss");
});
