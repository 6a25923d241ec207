import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { isFree, LOOPBACK, pickPort, requireFree } from "./ports.ts";

let server: Server | undefined;
afterEach(() => server?.close());

async function occupied(): Promise<number> {
  const port = await pickPort(LOOPBACK);
  server = createServer().listen(port, LOOPBACK);
  await once(server, "listening");
  return port;
}

describe("ports", () => {
  it("are picked free, and apart from each other", async () => {
    const first = await pickPort(LOOPBACK);
    const second = await pickPort(LOOPBACK, [first]);
    expect(second).not.toBe(first);
    expect(await isFree(LOOPBACK, first)).toBe(true);
  });

  it("in use are refused with what to do", async () => {
    const port = await occupied();
    await expect(requireFree(LOOPBACK, port)).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use by another program. Set PORT`);
  });

  it("on an address of another machine are refused with what to do", async () => {
    await expect(requireFree("192.0.2.1", 3_000)).rejects.toThrow(/Cannot listen on 192\.0\.2\.1 .* Set PORT \(and HOST\)/);
  });
});
