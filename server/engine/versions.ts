/** Versions of the files that a run changes, sent to the api: see VersionsPort. */
import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { VersionsPort } from "../runtimes/contract.ts";
import { openForReading, pin, withRoot } from "../tools/paths.ts";
import { asRefusal } from "../tools/refusal.ts";
import type { FileChange } from "../tools/tool.ts";
import type { InternalApi } from "./internal-request.ts";

const MIB = 1024 * 1024;
/** bytes of one version; larger files stay in the workspace alone */
const VERSION_BYTES = 100 * MIB;
/** ms without a byte in either direction after which a request counts as failed */
const SILENT_MS = 15_000;
/** changes of one call that are kept: as many as are told of */
const KEPT_CHANGES = 60;
/** ms before each try: the api is back from a restart within this */
const TRIES_MS = [0, 250, 1_000, 3_000] as const;

const kept = z.object({
  file: z.string(),
  added: z.number().int().nonnegative(),
  removed: z.number().int().nonnegative(),
  /** the version before this one has the same content */
  same: z.boolean(),
});

/** The api said no: asking again is no use. */
class Refused extends Error {
  override name = "Refused";
}

/** @param workspace absolute */
export function versionsClient(api: InternalApi, workspace: string): VersionsPort {
  return {
    async keep(call, changes) {
      const told: FileChange[] = [];
      let away = false;
      for (const change of changes.slice(0, KEPT_CHANGES)) {
        if (away) {
          told.push(change);
          continue;
        }
        try {
          const done = await retried(() => keepOne(api, workspace, call, change));
          if (done) told.push(done);
        } catch (error) {
          console.error(`a version of ${change.path} could not be kept`, error);
          // The call is not held up by an api that is gone: its other files stay in the workspace.
          away = !isFinal(error);
          told.push(change);
        }
      }
      return [...told, ...changes.slice(KEPT_CHANGES)];
    },
  };
}

/** The change with its version; undefined for one that was found but changed nothing. */
async function keepOne(api: InternalApi, workspace: string, call: string, change: FileChange): Promise<FileChange | undefined> {
  const { path, op, added, removed, uncounted } = change;
  const counts: Record<string, string> = uncounted ? {} : { added: String(added), removed: String(removed) };
  const query = { path, op, call, ...counts };
  if (op === "removed") return withAnswer(change, await put(api, query));
  return await withRoot(workspace, async (root) => {
    const pinned = await pin(root, path.split("/"));
    try {
      const handle = await openForReading(pinned);
      const { size } = await handle.stat();
      // A stream closes its handle. It ends where the file ends now: one that grows meanwhile is kept as it was.
      const stream = handle.createReadStream({ end: Math.max(0, size - 1) });
      if (size > VERSION_BYTES) {
        stream.destroy();
        return change;
      }
      return withAnswer(change, await put(api, query, { stream, bytes: size }));
    } finally {
      await pinned.handle.close();
    }
  });
}

function withAnswer(change: FileChange, { file, added, removed, same }: z.infer<typeof kept>): FileChange | undefined {
  const { uncounted, ...told } = change;
  if (!uncounted) return { ...told, ref: file };
  // Touched, or written again as it was: traces of a command that nobody needs to see.
  return same ? undefined : { ...told, added, removed, ref: file };
}

async function put(api: InternalApi, query: Record<string, string>, body?: { stream: Readable; bytes: number }) {
  const response = await send(api, `/internal/files/versions?${new URLSearchParams(query)}`, body);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const status = response.statusCode ?? 500;
  if (status === 200) return kept.parse(JSON.parse(text));
  const message = `the api answered ${status}: ${text}`;
  throw status >= 400 && status < 500 ? new Refused(message) : new Error(message);
}

/** Only the first line is signed: the bytes may be many. */
function send(
  { home, token }: InternalApi,
  path: string,
  body: { stream: Readable; bytes: number } | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...home.headers("PUT", path, ""),
      authorization: `Bearer ${token}`,
      "content-type": "application/octet-stream",
      "content-length": String(body?.bytes ?? 0),
    };
    const sent = home.request(home.url(path), { method: "PUT", headers, timeout: SILENT_MS }, resolve);
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${SILENT_MS} ms`)));
    sent.on("error", reject);
    if (body) pipeline(body.stream, sent, (error) => error && reject(error));
    else sent.end();
  });
}

function isFinal(error: unknown): boolean {
  return error instanceof Refused || asRefusal(error) !== undefined;
}

async function retried<T>(work: () => Promise<T>): Promise<T> {
  let last: unknown;
  for (const pauseMs of TRIES_MS) {
    await sleep(pauseMs);
    try {
      return await work();
    } catch (error) {
      if (isFinal(error)) throw error;
      last = error;
    }
  }
  throw last;
}
