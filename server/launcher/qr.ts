/** An address as a QR code on the terminal, for the phone on the same network. */

/** Loopback means: this machine alone. A phone that reads such an address finds itself. */
export function isForOthers(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname !== "localhost" && hostname !== "[::1]" && !hostname.startsWith("127.");
}

/** Lines of half blocks, two modules a line; the library is loaded only here, because the launcher stays small. */
export async function qrLines(text: string): Promise<string[]> {
  const { default: qrcode } = await import("qrcode");
  const code = await qrcode.toString(text, { type: "utf8", errorCorrectionLevel: "L", margin: 2 });
  return code.split("\n").filter((line) => line !== "");
}
