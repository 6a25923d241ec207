/** What runs here, by version. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Services } from "../api/services.ts";

export type Versions = { app: string; node: string; workerd: string | undefined; schema: string | undefined };

const manifest = z.object({ version: z.string() });

export async function versionsOf({ read, settings }: Services): Promise<Versions> {
  const arch = process.arch === "arm64" ? "arm64" : "64";
  const workerd = join(settings.root, "node_modules/@cloudflare", `workerd-${process.platform}-${arch}`, "package.json");
  const [{ rows }, package_] = await Promise.all([
    read.execute("SELECT tag FROM migrations ORDER BY tag DESC LIMIT 1"),
    readFile(workerd, "utf8").then(
      (text) => manifest.parse(JSON.parse(text)).version,
      () => undefined,
    ),
  ]);
  const tag = rows[0]?.tag;
  return {
    app: settings.version,
    node: process.versions.node,
    workerd: package_,
    schema: typeof tag === "string" ? tag : undefined,
  };
}
