/** Rooms that take no command: what they answer is for the test to say. Everything else passes. */
import type { Page } from "@playwright/test";
import { z } from "zod";
import type { Nack } from "../../../party/protocol/frames.ts";

const command = z.object({ type: z.literal("command"), id: z.string() });

/** Puts itself between a page and its rooms. To be called before the page is opened. */
export async function refuseCommands(page: Page, why: Pick<Nack, "code" | "message" | "retryable">): Promise<void> {
  await page.routeWebSocket(/\/parties\//, (viewer) => {
    const room = viewer.connectToServer();
    viewer.onMessage((frame) => {
      const asked = typeof frame === "string" ? command.safeParse(JSON.parse(frame)) : undefined;
      if (!asked?.success) return room.send(frame);
      const nack: Nack = { type: "nack", id: asked.data.id, ...why };
      viewer.send(JSON.stringify(nack));
    });
    room.onMessage((frame) => viewer.send(frame));
  });
}
