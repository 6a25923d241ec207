/** The way to a mail server: nodemailer, loaded with the first mail and not before. */
import { z } from "zod";
import { htmlOf, type Letter } from "./letter.ts";
import type { Failure } from "./schedule.ts";

/** ms; a mail server that says nothing for longer is tried again later */
const CONNECT_MS = 10_000;
const QUIET_MS = 20_000;

export type Transport = {
  /**
   * Hands a mail over.
   * @param id names this mail in its Message-ID, so that a mail sent twice is recognised as one
   * @throws what `failureOf` reads
   */
  deliver(id: string, letter: Letter): Promise<void>;
};

export type SmtpSettings = {
  /** `smtp://` or `smtps://`, with user and password where the server wants them */
  url: string;
  /** `Atrium <atrium@example.com>` */
  from: string;
};

export function smtpTransport({ url, from }: SmtpSettings): Transport {
  return {
    async deliver(id, { to, subject, text }) {
      const { createTransport } = await import("nodemailer");
      const mailer = createTransport({
        url,
        connectionTimeout: CONNECT_MS,
        greetingTimeout: CONNECT_MS,
        socketTimeout: QUIET_MS,
        // What is sent is text of our own: nothing on disk or elsewhere may be pulled into a mail.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        const messageId = `<${id}@${domainOf(from)}>`;
        // Machines do not answer these: no out-of-office comes back.
        const headers = { "auto-submitted": "auto-generated" };
        await mailer.sendMail({ from, to, subject, text, html: htmlOf(text), messageId, headers });
      } finally {
        mailer.close();
      }
    },
  };
}

const smtpError = z.object({ responseCode: z.number().optional(), command: z.string().optional(), message: z.string() });

/** What went wrong, without anything secret: replies of servers do not repeat passwords, but URLs in messages could. */
export function failureOf(error: unknown): Failure {
  const read = smtpError.safeParse(error);
  if (!read.success) return { message: "the mail server could not be reached" };
  const { responseCode: code, command, message } = read.data;
  const words = message.replace(/smtps?:\/\/\S+/gi, "smtp://…").replace(/\s+/g, " ");
  return { code, command, message: words.slice(0, 300) };
}

function domainOf(from: string): string {
  return /@([^>\s]+)/.exec(from)?.[1] ?? "atrium.invalid";
}
