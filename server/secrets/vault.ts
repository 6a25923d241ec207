/** Sealed secrets: provider keys and the like, encrypted before they reach the database and opened only by the api. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** In front of every sealed value: a later form can stand beside it. */
const FORM = "v1";
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
/** bytes; the length GCM is specified for */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type Vault = {
  /**
   * Encrypts a text.
   * @param context names the row it belongs to, `provider:prv_…`: a value moved to another row does not open there
   */
  seal(text: string, context: string): string;
  /** @throws {VaultError} when the value was changed, belongs elsewhere, or was sealed with another key */
  open(sealed: string, context: string): string;
};

/** A sealed value cannot be opened. The message is for the operator and holds nothing of the value. */
export class VaultError extends Error {
  override name = "VaultError";

  constructor(context: string) {
    super(`The sealed value of ${context} cannot be opened. Is secrets/vault.key the one it was sealed with?`);
  }
}

/** @param secret 32 random bytes as base64url, from `secrets/vault.key` */
export function createVault(secret: string): Vault {
  // A key of its own for this use: the same secret may one day key something else.
  const key = Buffer.from(hkdfSync("sha256", Buffer.from(secret, "base64url"), "", "atrium vault v1", KEY_BYTES));
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `${FORM}.${sealed.toString("base64url")}`;
    },
    open(sealed, context) {
      const [form, body = ""] = sealed.split(".");
      const bytes = Buffer.from(body, "base64url");
      if (form !== FORM || bytes.length < NONCE_BYTES + TAG_BYTES) throw new VaultError(context);
      try {
        const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString("utf8");
      } catch {
        throw new VaultError(context);
      }
    },
  };
}
