/** Child of `npm run dev`: `node server/launcher/vite.ts <host> <port>`. Hands /api and /parties to `ATRIUM_API_URL`. */
import { join } from "node:path";
import { createServer } from "vite";
import { superviseFromLauncher } from "./child.ts";

const [host = "127.0.0.1", port] = process.argv.slice(2);
const root = join(import.meta.dirname, "../..");

const vite = await createServer({
  configFile: join(root, "vite.config.ts"),
  clearScreen: false,
  server: { host, port: Number(port), strictPort: true },
});
const launcher = superviseFromLauncher({ onStop: () => vite.close() });
await vite.listen();
vite.printUrls();
launcher.ready();
