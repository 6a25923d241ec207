/** The two helpers of `npm run dev`: one rebuilds rooms and server, one serves the app with hot reload. */
import { join } from "node:path";
import { environment, type Instance } from "./roles.ts";
import type { ChildSpec } from "./supervisor.ts";

/** Where the app is opened in development, unless the port is taken. */
export const VITE_PORT = 5_173;

/** The helpers' children; the instance's `settings.url` is the address of Vite. */
export function devChildren(instance: Instance, vitePort: number): ChildSpec[] {
  const { settings, peers } = instance;
  const node = [process.execPath, "--disable-warning=ExperimentalWarning"];
  return [
    {
      name: "builder",
      patience: "endless",
      life: { kind: "beats" },
      command: () => ({ line: [...node, join(settings.root, "server/build.ts"), "--watch"], env: environment(instance, "tool") }),
    },
    {
      name: "vite",
      patience: "endless",
      life: { kind: "beats" },
      command: () => ({
        line: [...node, join(settings.root, "server/launcher/vite.ts"), settings.host, String(vitePort)],
        env: { ...environment(instance, "tool"), ATRIUM_API_URL: peers.localUrl },
      }),
    },
  ];
}
