/**
 * Passkeys (WebAuthn): a key that a device keeps and opens with a finger, a face or a PIN. Discoverable ones, so nobody types
 * an address. The library is loaded with the first use.
 */
import type { Client, Row } from "@libsql/client/sqlite3";
import { z } from "zod";
import type { AppContext } from "../api/context.ts";
import { ApiError, conflict } from "../api/errors.ts";
import { originOf } from "../api/origin.ts";
import { browserSecret, knownBrowser } from "./cookie.ts";
import type { SessionUser } from "./sessions.ts";
import { FOUND_COLUMNS, type Found, foundOf } from "./sign-in.ts";

/** ms a person has to find their device, as the browser is told */
const TIMEOUT_MS = 3 * 60_000;
const RP_NAME = "Atrium";
/** characters of base64url; attestation is asked for as `none`, so a real one is some hundred */
const FIELD_CHARS = 20_000;

const field = z.string().min(1).max(FIELD_CHARS);
const base = {
  id: z.string().min(1).max(2_000),
  rawId: z.string().min(1).max(2_000),
  type: z.literal("public-key"),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).optional(),
  clientExtensionResults: z.object({}),
};

/** What a browser answers to a registration. */
export const registration = z.object({
  ...base,
  response: z.object({
    clientDataJSON: field,
    attestationObject: field,
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
});
/** What a browser answers to a sign-in. */
export const assertion = z.object({
  ...base,
  response: z.object({
    clientDataJSON: field,
    authenticatorData: field,
    signature: field,
    userHandle: z.string().max(200).nullish(),
  }),
});

export type NewPasskey = {
  credentialId: string;
  /** base64url */
  publicKey: string;
  counter: number;
  transports: string[];
  synced: boolean;
};

/** What a browser needs to make a passkey. Its challenge is good once, in this browser, for five minutes. */
export async function registrationOptions(c: AppContext, user: SessionUser) {
  const { rpID } = relyingParty(c);
  const { read, challenges } = c.get("services");
  const { rows } = await read.execute({ sql: "SELECT credential_id FROM passkeys WHERE user = ?", args: [user.id] });
  const challenge = challenges.issue({ kind: "passkey.register", user: user.id }, browserSecret(c), c.get("address"));
  const { generateRegistrationOptions } = await import("@simplewebauthn/server");
  return generateRegistrationOptions({
    rpID,
    rpName: RP_NAME,
    userID: new TextEncoder().encode(user.id),
    userName: user.email,
    userDisplayName: user.name,
    challenge: bytesOf(challenge),
    timeout: TIMEOUT_MS,
    attestationType: "none",
    excludeCredentials: rows.map((row) => ({ id: String(row.credential_id) })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
}

/** Checks a new passkey. @throws {ApiError} `passkey_refused` */
export async function checkRegistration(
  c: AppContext,
  user: SessionUser,
  response: z.infer<typeof registration>,
): Promise<NewPasskey> {
  const expectedChallenge = challengeOf(response.response.clientDataJSON);
  const purpose = c.get("services").challenges.take("passkey.register", expectedChallenge, knownBrowser(c));
  if (purpose?.user !== user.id) throw staleChallenge();
  const { rpID, origins } = relyingParty(c);
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  const checked = await verifyRegistrationResponse({
    response,
    expectedChallenge,
    expectedOrigin: origins,
    expectedRPID: rpID,
    requireUserVerification: true,
  }).catch((error: unknown) => refuse(c, error));
  if (!checked.verified) throw refusedPasskey();
  const { credential, credentialBackedUp } = checked.registrationInfo;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString("base64url"),
    counter: credential.counter,
    transports: response.response.transports ?? [],
    synced: credentialBackedUp,
  };
}

/** What a browser needs to sign in with any passkey it has for this instance. */
export async function assertionOptions(c: AppContext) {
  const { rpID } = relyingParty(c);
  const challenge = c.get("services").challenges.issue({ kind: "passkey.sign-in" }, browserSecret(c), c.get("address"));
  const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
  return generateAuthenticationOptions({
    rpID,
    challenge: bytesOf(challenge),
    timeout: TIMEOUT_MS,
    userVerification: "required",
  });
}

export type Asserted = { found: Found; passkey: string; counterBefore: number; counter: number };

/** The person who a passkey belongs to and who has just used it. @throws {ApiError} `passkey_refused`, `passkey_unknown` */
export async function checkAssertion(c: AppContext, response: z.infer<typeof assertion>): Promise<Asserted> {
  const expectedChallenge = challengeOf(response.response.clientDataJSON);
  const { challenges, read } = c.get("services");
  if (!challenges.take("passkey.sign-in", expectedChallenge, knownBrowser(c))) throw staleChallenge();
  const row = await passkeyRow(read, response.id);
  if (!row) {
    throw new ApiError(
      401,
      "passkey_unknown",
      "This passkey was removed here. Sign in another way, and delete it on your device.",
    );
  }
  const { rpID, origins } = relyingParty(c);
  const counterBefore = Number(row.counter);
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const { userHandle, ...signed } = response.response;
  const checked = await verifyAuthenticationResponse({
    response: { ...response, response: { ...signed, ...(userHandle && { userHandle }) } },
    expectedChallenge,
    expectedOrigin: origins,
    expectedRPID: rpID,
    credential: {
      id: String(row.credential_id),
      publicKey: new Uint8Array(Buffer.from(String(row.public_key), "base64url")),
      counter: counterBefore,
    },
    requireUserVerification: true,
  }).catch((error: unknown) => refuse(c, error));
  if (!checked.verified) throw refusedPasskey();
  return { found: foundOf(row), passkey: String(row.passkey), counterBefore, counter: checked.authenticationInfo.newCounter };
}

async function passkeyRow(read: Client, credentialId: string): Promise<Row | undefined> {
  const { rows } = await read.execute({
    sql: `SELECT ${FOUND_COLUMNS}, p.id AS passkey, p.credential_id, p.public_key, p.counter
      FROM passkeys p JOIN users u ON u.id = p.user WHERE p.credential_id = ?`,
    args: [credentialId],
  });
  return rows[0];
}

/**
 * Whom a passkey is made for: the host in the address bar. Browsers make none for a bare number.
 * @throws {ApiError} `passkeys_need_a_name`
 */
function relyingParty(c: AppContext): { rpID: string; origins: string[] } {
  const { hostname, host, port } = new URL(originOf(c));
  if (/^[\d.]+$|^\[/.test(hostname)) {
    const here = `http://localhost${port && `:${port}`}`;
    throw conflict(
      "passkeys_need_a_name",
      `Passkeys belong to a host name and this address is a number. Open ${here} on this machine, or set ATRIUM_URL to the name people use.`,
    );
  }
  const { publicUrl } = c.get("services").settings;
  // Without ATRIUM_URL nobody here knows whether a proxy in front speaks HTTPS.
  return { rpID: hostname, origins: publicUrl === undefined ? [`https://${host}`, `http://${host}`] : [publicUrl] };
}

const clientData = z.object({ challenge: z.string().max(200) });

/** The challenge that a browser says it answers; "" where there is none. */
function challengeOf(clientDataJson: string): string {
  try {
    return clientData.parse(JSON.parse(Buffer.from(clientDataJson, "base64url").toString("utf8"))).challenge;
  } catch {
    return "";
  }
}

function bytesOf(challenge: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(challenge, "base64url"));
}

function staleChallenge(): ApiError {
  return new ApiError(409, "challenge_gone", "That took too long, was done before, or was begun in another browser. Try again.");
}

function refusedPasskey(): ApiError {
  return new ApiError(401, "passkey_refused", "The passkey could not be verified. Try again, or sign in another way.");
}

function refuse(c: AppContext, error: unknown): never {
  // What exactly did not fit is for the log: an attacker would learn from it, a person would not.
  c.get("services").log.info({ err: error }, "a passkey did not verify");
  throw refusedPasskey();
}
