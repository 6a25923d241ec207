/** Settings of mail. */
import { z } from "zod";
import type { SmtpSettings } from "./transport.ts";

export type MailSettings = SmtpSettings;

export const mailEnvironment = {
  /** `smtp://user:password@host:587` or `smtps://…:465`; without it no mail is sent and links are copied by hand */
  ATRIUM_SMTP_URL: z.url({ protocol: /^smtps?$/, error: "must look like smtp://user:password@mail.example.com:587" }).optional(),
  /** the sender, `Atrium <atrium@example.com>`; without it the user of the mail server, or atrium at its host */
  ATRIUM_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, "must hold a mail address")
    .optional(),
};

type Values = z.infer<z.ZodObject<typeof mailEnvironment>>;

export function readMail({ ATRIUM_SMTP_URL: url, ATRIUM_MAIL_FROM: from }: Values): MailSettings | undefined {
  return url === undefined ? undefined : { url, from: from ?? senderOf(url) };
}

function senderOf(url: string): string {
  const { username, hostname } = new URL(url);
  const user = decodeURIComponent(username);
  return `Atrium <${user.includes("@") ? user : `atrium@${hostname}`}>`;
}
