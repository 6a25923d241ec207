import { afterEach, beforeEach, expect, test } from "vitest";
import { cookieOf, TestApp, type TestPerson, text } from "../api/test-app.ts";

let now = Date.now();
let app: TestApp;
let ana: TestPerson;

beforeEach(async () => {
  now = Date.now();
  app = await TestApp.open({ clock: { now: () => now }, env: { ATRIUM_URL: "https://atrium.example" } });
  ana = await app.person("Ana");
});
afterEach(() => app.close());

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const clientData = (type: string, challenge: string) => encoded({ type, challenge, origin: "https://atrium.example" });

/** What a browser would send, with nothing real in it but the challenge. */
function forged(challenge: string) {
  const base = { id: "forged", rawId: "forged", type: "public-key", clientExtensionResults: {} };
  return {
    sign: {
      ...base,
      response: { clientDataJSON: clientData("webauthn.get", challenge), authenticatorData: "AAAA", signature: "AAAA" },
    },
    make: { ...base, response: { clientDataJSON: clientData("webauthn.create", challenge), attestationObject: "o2NmbXQ" } },
  };
}

const signIn = (response: object, cookie = "") =>
  app.call("POST", "/api/auth/passkey", { body: { response }, headers: { cookie } });

/** A challenge for a sign-in, and the cookie of the browser that asked for it. */
async function begun() {
  const reply = await app.call("POST", "/api/auth/passkey/options");
  return { challenge: text(reply.body, "challenge"), cookie: cookieOf(reply), body: reply.body };
}

test("a browser is asked for any passkey of this host, opened by the person", async () => {
  const { body } = await begun();
  expect(body).toMatchObject({ rpId: "atrium.example", userVerification: "required" });
  expect(body, "whoever asks learns of nobody's passkeys").not.toHaveProperty("allowCredentials");
  const made = await ana.call("POST", "/api/me/passkeys/options");
  expect(made.body).toMatchObject({
    rp: { id: "atrium.example", name: "Atrium" },
    user: { name: ana.email, displayName: "Ana" },
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
});

test("a challenge of another browser, an old one, a used one and none at all are refused alike", async () => {
  const gone = { status: 409, body: { error: { code: "challenge_gone" } } };
  const { challenge, cookie } = await begun();
  const { sign } = forged(challenge);
  expect(await signIn(sign)).toMatchObject(gone);
  expect(await signIn(sign, (await begun()).cookie)).toMatchObject(gone);
  expect(await signIn(sign, cookie), "here it is known, and the passkey is not").toMatchObject({
    status: 401,
    body: { error: { code: "passkey_unknown" } },
  });
  expect(await signIn(sign, cookie)).toMatchObject(gone);
  const late = await begun();
  now += 5 * 60_000;
  expect(await signIn(forged(late.challenge).sign, late.cookie)).toMatchObject(gone);
  expect(await signIn({ ...sign, response: { ...sign.response, clientDataJSON: "bm8" } }, cookie)).toMatchObject(gone);
});

test("a passkey that does not verify is not added, and what is wrong with it is not told", async () => {
  const options = await ana.call("POST", "/api/me/passkeys/options");
  const browser = options.headers.getSetCookie().find((line) => line.startsWith("atrium_browser")) ?? "";
  const { make } = forged(text(options.body, "challenge"));
  const cookie = `${ana.cookie}; ${browser.split(";", 1)[0]}`;
  const refused = await app.call("POST", "/api/me/passkeys", { body: { name: "x", response: make }, headers: { cookie } });
  expect(refused).toMatchObject({ status: 401, body: { error: { code: "passkey_refused" } } });
  expect(await ana.call("GET", "/api/me/ways-in")).toMatchObject({ body: { passkeys: [] } });
});

test("another person's challenge adds nothing", async () => {
  const company = await ana.makeCompany("Norden");
  const bo = await ana.invite("Bo", company, "member");
  const options = await ana.call("POST", "/api/me/passkeys/options");
  const browser = options.headers.getSetCookie().find((line) => line.startsWith("atrium_browser")) ?? "";
  const headers = { cookie: `${bo.cookie}; ${browser.split(";", 1)[0]}` };
  const response = forged(text(options.body, "challenge")).make;
  expect(await app.call("POST", "/api/me/passkeys", { body: { name: "x", response }, headers })).toMatchObject({ status: 409 });
});

test("where the address is a number the person is told which name to use", async () => {
  const local = await TestApp.open();
  const reply = await local.call("POST", "/api/auth/passkey/options");
  expect(reply).toMatchObject({ status: 409, body: { error: { code: "passkeys_need_a_name" } } });
  expect(reply.text).toContain("http://localhost:3000");
  await local.close();
});
