/** What an upload of 1 GiB costs the api: memory while it comes, and time to the floor of a bare server that writes a file. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foundCompany, type Office } from "../harness/company.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { pssMib } from "../harness/processes.ts";
import type { Benchmark } from "./figure.ts";

const MIB = 1024 * 1024;
/** bytes of one request, as the app sends them */
const PART_BYTES = 8 * MIB;
const PARTS = 128;
const TOTAL = PARTS * PART_BYTES;
/** ms between two readings of the memory */
const READ_EVERY_MS = 100;
/** ms after the start in which memory is still given back */
const SETTLE_MS = 5_000;

const TUS = { "tus-resumable": "1.0.0" };

/** Sends all parts, each with its offset. */
async function sendParts(url: string, headers: Record<string, string>, part: Uint8Array<ArrayBuffer>): Promise<void> {
  for (let n = 0; n < PARTS; n++) {
    const offset = { "upload-offset": String(n * PART_BYTES), "content-type": "application/offset+octet-stream" };
    const response = await fetch(url, { method: "PATCH", headers: { ...headers, ...offset }, body: part });
    if (response.status !== 204) throw new Error(`part ${n} was answered ${response.status}: ${await response.text()}`);
  }
}

/** Uploads 1 GiB and answers how much the api's memory grew at most. */
async function upload(instance: Instance, { owner, company }: Office, part: Uint8Array<ArrayBuffer>): Promise<number> {
  const pid = await instance.pid("api");
  await new Promise((done) => setTimeout(done, SETTLE_MS));
  const before = pssMib(pid);
  let most = before;
  const reader = setInterval(() => {
    most = Math.max(most, pssMib(pid));
  }, READ_EVERY_MS);
  try {
    const headers = { ...owner.headers(), ...TUS };
    const metadata = `filename ${Buffer.from("large.bin").toString("base64")}`;
    const begun = await fetch(`${instance.url}/api/companies/${company}/uploads`, {
      method: "POST",
      headers: { ...headers, "upload-length": String(TOTAL), "upload-metadata": metadata },
    });
    await sendParts(new URL(begun.headers.get("location") ?? "", instance.url).href, headers, part);
  } finally {
    clearInterval(reader);
  }
  return most - before;
}

/** The least a server can do: append what comes to a file, with its hash, and flush it at the end. */
async function bareUpload(part: Uint8Array<ArrayBuffer>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "atrium-bench-"));
  const file: FileHandle = await open(join(folder, "large.bin"), "w");
  const hash = createHash("sha256");
  const server = createServer(async (request, response) => {
    for await (const chunk of request) {
      await file.write(chunk);
      hash.update(chunk);
    }
    response.writeHead(204).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const started = performance.now();
  await sendParts(`http://127.0.0.1:${port}/`, {}, part);
  await file.sync();
  const took = performance.now() - started;
  server.closeAllConnections();
  server.close();
  await file.close();
  rmSync(folder, { recursive: true, force: true });
  return took;
}

export const uploading: Benchmark = {
  name: "upload",
  about: "one file of 1 GiB in parts of 8 MiB",
  async run(lab) {
    const part = new Uint8Array(randomBytes(PART_BYTES));
    const grown: number[] = [];
    const took: number[] = [];
    const floor: number[] = [];
    for (let i = 0; i < lab.repeat; i++) {
      const instance = await startInstance();
      try {
        const office = await foundCompany(instance);
        const started = performance.now() + SETTLE_MS;
        grown.push(await upload(instance, office, part));
        took.push(performance.now() - started);
      } finally {
        await instance.remove();
      }
      floor.push(await bareUpload(part));
      lab.say(`${i + 1} of ${lab.repeat}: +${grown.at(-1)?.toFixed(1)} MiB`);
    }
    return [
      { what: "the api above idle, at most while it comes", unit: "MiB", samples: grown, goal: { most: 50 } },
      {
        what: "from the first byte to a stored file",
        unit: "ms",
        samples: took,
        floor: { what: "a bare server", samples: floor },
      },
    ];
  },
};
