/** Settings of mail. */
import { readSetting } from "../settings/read.ts";
import type { SmtpSettings } from "./transport.ts";

export type MailSettings = SmtpSettings;

/** Undefined without a mail server. The sender is then the user of that server, or atrium at its host. */
export function readMail(env: NodeJS.ProcessEnv): MailSettings | undefined {
  const url = readSetting("ATRIUM_SMTP_URL", env);
  return url === undefined ? undefined : { url, from: readSetting("ATRIUM_MAIL_FROM", env) ?? senderOf(url) };
}

function senderOf(url: string): string {
  const { username, hostname } = new URL(url);
  const user = decodeURIComponent(username);
  return `Atrium <${user.includes("@") ? user : `atrium@${hostname}`}>`;
}
