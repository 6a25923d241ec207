/** One socket into a room without any manners: it sends what it is told and keeps what it gets. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";
import type { Party } from "../../party/protocol/tickets.ts";
import type { ApiClient } from "./api-client.ts";
import { until } from "./until.ts";

const frame = z.object({ type: z.string() }).loose();
export type Frame = z.infer<typeof frame>;

export type RawSocket = {
  readonly frames: readonly Frame[];
  /** resolves with the close code */
  readonly closed: Promise<number>;
  send(value: unknown): void;
  /** Waits for a frame and returns it. */
  frame(what: string, test: (frame: Frame) => boolean): Promise<Frame>;
  end(): void;
};

/** Opens a socket with a fresh ticket. Rejects when the upgrade is refused. */
export async function openRaw(client: ApiClient, party: Party, room: string): Promise<RawSocket> {
  const { url, ticket } = await client.ticket(party, room);
  const socket = new WebSocket(`${url}?ticket=${ticket}`, { perMessageDeflate: false });
  const frames: Frame[] = [];
  socket.on("message", (data) => frames.push(frame.parse(JSON.parse(String(data)))));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await once(socket, "open");
  return {
    frames,
    closed,
    send: (value) => socket.send(JSON.stringify(value)),
    frame: (what, test) => until(what, () => frames.find(test)),
    end: () => socket.terminate(),
  };
}
