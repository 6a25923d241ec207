/** A mail server on loopback that keeps what it is given, speaking the real protocol. It can also say no. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { until } from "../harness/until.ts";

export type Mail = {
  from: string;
  to: string[];
  subject: string;
  messageId: string;
  /** the plain part, decoded */
  text: string;
  html: string;
};

/** How the server answers the next mails: 2xx, or a reply code at the recipient. */
export type Mood = { kind: "takes" } | { kind: "refuses"; code: number; words: string };

export class FakeMailServer {
  /** what ATRIUM_SMTP_URL takes */
  readonly url: string;
  readonly mails: Mail[] = [];
  /** attempts to hand something over, refused ones too */
  attempts = 0;
  mood: Mood = { kind: "takes" };
  readonly #server: SMTPServer;

  private constructor(server: SMTPServer, port: number) {
    this.#server = server;
    this.url = `smtp://127.0.0.1:${port}`;
  }

  static async start(port = 0): Promise<FakeMailServer> {
    let fake: FakeMailServer | undefined;
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      onRcptTo(_address, _session, done) {
        const mood = fake?.mood ?? { kind: "takes" };
        if (fake) fake.attempts++;
        done(mood.kind === "takes" ? undefined : Object.assign(new Error(mood.words), { responseCode: mood.code }));
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom ? mailFrom.address : "";
          fake?.mails.push({ from, to: rcptTo.map(({ address }) => address), ...parse(Buffer.concat(chunks).toString("utf8")) });
          done();
        });
      },
    });
    await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
    fake = new FakeMailServer(server, portOf(server.server.address()));
    return fake;
  }

  /** The newest mail to somebody, as soon as there is one. @param about a part of its subject */
  mailTo(address: string, about = ""): Promise<Mail> {
    return until(`a mail to ${address}`, () =>
      this.mails.findLast(({ to, subject }) => to.includes(address) && subject.includes(about)),
    );
  }

  async stop(): Promise<void> {
    await new Promise<void>((closed) => this.#server.close(closed));
  }
}

/** The one link in a mail. */
export function linkIn({ text }: Mail): string {
  const link = /https?:\/\/\S+/.exec(text)?.[0];
  if (link === undefined) throw new Error(`there is no link in: ${text}`);
  return link;
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== "object" || address === null) throw new Error("the mail server has no port");
  return address.port;
}

function parse(raw: string): Omit<Mail, "from" | "to"> {
  const [head, body] = halves(raw);
  const boundary = /boundary="?([^";\r\n]+)"?/i.exec(head)?.[1];
  const parts = boundary === undefined ? [raw] : body.split(`--${boundary}`);
  const part = (type: string): string => {
    const found = parts.find((one) => halves(one)[0].toLowerCase().includes(`content-type: ${type}`));
    return found === undefined ? "" : decoded(found);
  };
  return {
    subject: header(head, "subject"),
    messageId: header(head, "message-id"),
    text: part("text/plain"),
    html: part("text/html"),
  };
}

function halves(raw: string): [head: string, body: string] {
  const trimmed = raw.replace(/^\r\n/, "");
  const at = trimmed.indexOf("\r\n\r\n");
  return at < 0 ? [trimmed, ""] : [trimmed.slice(0, at), trimmed.slice(at + 4)];
}

function header(head: string, name: string): string {
  const unfolded = head.replace(/\r\n[ \t]+/g, " ");
  return new RegExp(`^${name}: (.*)$`, "im").exec(unfolded)?.[1]?.trim() ?? "";
}

function decoded(part: string): string {
  const [head, body] = halves(part);
  const encoding = header(head, "content-transfer-encoding").toLowerCase();
  const text = body.replace(/\r\n/g, "\n");
  if (encoding === "base64") return Buffer.from(text, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return text.trim();
  const bytes = text
    .replace(/=\n/g, "")
    .replace(/(?:=[0-9A-F]{2})+/g, (run) => Buffer.from(run.replaceAll("=", ""), "hex").toString("utf8"));
  return bytes.trim();
}
