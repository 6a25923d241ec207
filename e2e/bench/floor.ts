/** Starts the floor's server and bare viewers of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { WebSocket } from "ws";
import { until } from "../harness/until.ts";

export type Floor = { pid: number; port: number; url: string; stop(): Promise<void> };

export async function startFloor(): Promise<Floor> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "floor-server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const orphaned = (): void => void child.kill("SIGKILL");
  process.once("exit", orphaned);
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const port = await until("the floor's port", () => Number(printed.trim()));
  return {
    pid: child.pid ?? 0,
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      process.off("exit", orphaned);
      const over = once(child, "exit");
      child.kill("SIGKILL");
      await over;
    },
  };
}

/** Opens bare sockets and waits until all are open. */
export async function openBare(floor: Floor, count: number, heard: (text: string, viewer: number) => void, path = "/") {
  const sockets = Array.from({ length: count }, (_, viewer) => {
    const socket = new WebSocket(`ws://127.0.0.1:${floor.port}${path}`, { perMessageDeflate: false });
    socket.on("message", (data) => heard(String(data), viewer));
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, "open")));
  return { close: () => sockets.map((socket) => socket.terminate()) };
}
