/** A runner's side of the wire, in the hands of a test: it holds the instance's secret, as every process of ours does. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { z } from "zod";
import { type FeederFrame, SOCKET_KIND_HEADER } from "../../party/protocol/internal.ts";
import { signRequest } from "../../party/protocol/sign.ts";
import type { Instance } from "./instance.ts";
import { commandLine } from "./processes.ts";
import { until } from "./until.ts";

const answer = z.object({ type: z.string() }).loose();
export type Answer = z.infer<typeof answer>;

/** Says frames to an agent's room as a runner would, and returns what the room answers to each. */
export async function speakAsRunner(instance: Instance, agent: string, frames: readonly FeederFrame[]): Promise<Answer[]> {
  const rooms = /--socket-addr=\w+=(\S+)/.exec(commandLine(await instance.pid("rooms")) ?? "")?.[1];
  const secret = readFileSync(join(instance.data, "secrets/rooms.key"), "utf8").trim();
  const path = `/parties/agent/${agent}`;
  const socket = new WebSocket(`ws://${rooms}${path}`, {
    perMessageDeflate: false,
    headers: { ...signRequest(secret, "GET", path, "", Date.now()), [SOCKET_KIND_HEADER]: "feeder" },
  });
  const answers: Answer[] = [];
  socket.on("message", (data) => answers.push(answer.parse(JSON.parse(String(data)))));
  await once(socket, "open");
  for (const [index, frame] of frames.entries()) {
    socket.send(JSON.stringify(frame));
    await until(`an answer to ${frame.type}`, () => answers.length > index);
  }
  socket.terminate();
  return answers;
}
