/** An error that ends the start: one plain sentence for the person at the terminal, without a stack. */
export class StartError extends Error {
  override name = "StartError";
}

/** The code of a system error (`ENOENT`, `EADDRINUSE`), or undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
