/** What the launcher tells the person at the terminal: one block when it is ready, one line when something happens. */
import type { LogFile } from "./log-file.ts";

export interface ReadyFacts {
  url: string;
  /** present while nobody owns the instance */
  ownerLink: string | undefined;
  data: string;
  /** lines of a QR code of the address, or of the owner's link; absent where only this machine reaches it */
  qr?: readonly string[] | undefined;
}

export interface Terminal {
  /** one line, also into the launcher's log with its time */
  say(line: string): void;
  /** one line for the log alone */
  note(line: string): void;
  /** several lines as they are, for the terminal alone: the first-owner link is a secret and belongs into no file */
  block(text: string): void;
}

/** Writes to stdout; a closed terminal is no reason to stop. */
export function openTerminal(log: LogFile): Terminal {
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const note = (line: string): void => log.write(`${new Date().toISOString()} ${line}\n`);
  return {
    note,
    say(line) {
      process.stdout.write(`${line}\n`);
      note(line);
    },
    block: (text) => void process.stdout.write(`${text}\n`),
  };
}

/** The block that ends every start. */
export function readyBlock({ url, ownerLink, data, qr }: ReadyFacts): string {
  const lines = [`Atrium is running at  ${url}`];
  if (ownerLink) lines.push(`Make it yours with    ${ownerLink}`);
  lines.push(`Everything is kept in ${data}`, "Stop with             Ctrl-C");
  if (qr) lines.push("", "Scan to open it on a phone:", ...qr);
  return `\n${lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n")}\n`;
}
