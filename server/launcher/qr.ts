/** An address as a QR code on the terminal, for the phone on the same network. */

/** Loopback means: this machine alone. A phone that reads such an address finds itself. */
export function isForOthers(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname !== "localhost" && hostname !== "[::1]" && !hostname.startsWith("127.");
}

/** Black on white whatever the terminal's own colours are: many phones do not read a code the other way round. */
const BLACK_ON_WHITE = "\u001b[30;107m";
const RESET = "\u001b[0m";

/**
 * Lines of half blocks, two modules a line. The library is loaded only here, because the launcher stays small.
 * @param colours false where nobody understands escape sequences
 */
export async function qrLines(text: string, colours: boolean): Promise<string[]> {
  const { default: qrcode } = await import("qrcode");
  const code = await qrcode.toString(text, { type: "utf8", errorCorrectionLevel: "L", margin: 2 });
  const lines = code.split("\n").filter((line) => line !== "");
  return colours ? lines.map((line) => `${BLACK_ON_WHITE}${line}${RESET}`) : lines;
}
