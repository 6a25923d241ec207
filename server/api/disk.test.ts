import { pino } from "pino";
import { expect, test } from "vitest";
import { watchDisk } from "./disk.ts";

test("full below the limit, and well again by itself", async () => {
  let free = 100;
  const disk = await watchDisk({ folder: "/", minFreeBytes: 64, log: pino({ level: "silent" }), free: async () => free });
  expect(disk.state).toBe("ok");
  free = 63;
  expect(await disk.check()).toBe("full");
  free = 64;
  expect(await disk.check()).toBe("ok");
  expect(disk.freeBytes).toBe(64);
  disk.stop();
});

test("it reads the real disk", async () => {
  const disk = await watchDisk({ folder: ".", minFreeBytes: 0, log: pino({ level: "silent" }) });
  expect(disk.freeBytes).toBeGreaterThan(0);
  disk.stop();
});
