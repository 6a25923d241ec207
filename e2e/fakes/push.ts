/**
 * A push service and the browsers behind it (RFC 8030, 8188, 8291, 8292): takes what is sent to an endpoint, checks who signed
 * it, and opens it with the browser's own keys. It speaks plain HTTP on loopback; `agent` leads requests for any host to it.
 */
import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from "node:crypto";
import { createServer } from "node:http";
import { Agent } from "node:https";
import { type AddressInfo, connect } from "node:net";

const ENDPOINT = "https://push.example.com/send/";
const CURVE = "prime256v1";
const SALT_BYTES = 16;
const TAG_BYTES = 16;

export type ReceivedPush = {
  /** what the browser's service worker reads */
  text: string;
  ttl: string | undefined;
  urgency: string | undefined;
  /** `sub` of the signed claims: whom the service may write to */
  contact: unknown;
};

/** A browser with a subscription. */
export type FakeBrowser = {
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  received: ReceivedPush[];
  /** status the service answers for this browser from now on; 201 at first */
  answer: number;
};

export type FakePushService = {
  agent: Agent;
  browser(): FakeBrowser;
  /** requests without a good signature or body */
  refused: string[];
  close(): Promise<void>;
};

export async function startFakePush(): Promise<FakePushService> {
  const browsers = new Map<string, { browser: FakeBrowser; keys: ECDH; auth: Buffer }>();
  const refused: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const known = browsers.get(request.url?.split("/").at(-1) ?? "");
      if (!known) return void response.writeHead(404).end();
      const { browser, keys, auth } = known;
      try {
        const contact = contactOf(request.headers.authorization ?? "");
        const text = open(Buffer.concat(chunks), keys, auth);
        const header = (name: string) => String(request.headers[name] ?? "") || undefined;
        if (browser.answer < 300) browser.received.push({ text, ttl: header("ttl"), urgency: header("urgency"), contact });
        response.writeHead(browser.answer).end();
      } catch (error) {
        refused.push(error instanceof Error ? error.message : String(error));
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent();
  agent.createConnection = () => connect(port, "127.0.0.1");
  return {
    agent,
    refused,
    browser() {
      const id = randomBytes(12).toString("base64url");
      const keys = createECDH(CURVE);
      const p256dh = keys.generateKeys().toString("base64url");
      const auth = randomBytes(16);
      const subscription = { endpoint: `${ENDPOINT}${id}`, keys: { p256dh, auth: auth.toString("base64url") } };
      const browser: FakeBrowser = { subscription, received: [], answer: 201 };
      browsers.set(id, { browser, keys, auth });
      return browser;
    },
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The contact in a VAPID header whose signature is good. @throws Error */
function contactOf(authorization: string): unknown {
  const [, token = "", key = ""] = /^vapid t=([^,]+), k=(\S+)$/.exec(authorization) ?? [];
  const [head = "", body = "", signature = ""] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  const isGood = verify(
    "sha256",
    Buffer.from(`${head}.${body}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!isGood) throw new Error("the signature is not good");
  const claims: unknown = JSON.parse(Buffer.from(body, "base64url").toString());
  if (typeof claims !== "object" || claims === null || !("sub" in claims)) throw new Error("the claims name no contact");
  return claims.sub;
}

/** Opens a body of one record in aes128gcm. @throws when it was not sealed for these keys */
function open(body: Buffer, keys: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, SALT_BYTES);
  const idLength = body.readUInt8(SALT_BYTES + 4);
  const sender = body.subarray(SALT_BYTES + 5, SALT_BYTES + 5 + idLength);
  const sealed = body.subarray(SALT_BYTES + 5 + idLength);
  const shared = keys.computeSecret(sender);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), keys.getPublicKey(), sender]);
  const secret = Buffer.from(hkdfSync("sha256", shared, auth, info, 32));
  const key = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: aes128gcm\0", 16));
  const nonce = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: nonce\0", 12));
  const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  // The last byte that is not padding marks the end of the last record.
  return plain.subarray(0, plain.lastIndexOf(2)).toString("utf8");
}
