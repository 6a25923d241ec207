/** The disk fills up in the middle of an upload: it stops with a sentence, keeps what came, and goes on when there is space. */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { foundCompany, type Office } from "../harness/company.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { SmallDisk } from "./small-disk.ts";

const MIB = 2 ** 20;
const DISK_MIB = 320;
const PART_BYTES = 8 * MIB;
const PARTS = 6;
const TUS = { "tus-resumable": "1.0.0" };
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const stored = z.object({ sha256: z.string(), bytes: z.number() });

let disk: SmallDisk;
let instance: Instance;
let office: Office;

beforeEach(async () => {
  disk = new SmallDisk(DISK_MIB);
  const data = join(disk.folder, "data");
  mkdirSync(data);
  instance = await startInstance({ data });
  office = await foundCompany(instance);
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.log(instance?.logs());
  disk?.free();
  await instance?.remove();
  disk?.unmount();
});

it.each([
  ["to the last byte, before anybody looked", 0],
  ["below the reserve", 24],
])("a disk that fills up %s", async (_how, leaveMib) => {
  const bytes = new Uint8Array(randomBytes(PARTS * PART_BYTES));
  const headers = { ...office.owner.headers(), ...TUS };
  const begun = await fetch(`${instance.url}/api/companies/${office.company}/uploads`, {
    method: "POST",
    headers: { ...headers, "upload-length": String(bytes.length), "upload-metadata": "filename YQ==" },
  });
  const location = instance.url + (begun.headers.get("location") ?? "");
  const send = (offset: number): Promise<Response> =>
    fetch(location, {
      method: "PATCH",
      headers: { ...headers, "upload-offset": String(offset), "content-type": "application/offset+octet-stream" },
      body: bytes.subarray(offset, offset + PART_BYTES),
    });
  const offset = async (): Promise<number> =>
    Number((await fetch(location, { method: "HEAD", headers })).headers.get("upload-offset"));

  expect((await send(0)).status).toBe(204);
  disk.fill(leaveMib);
  const stopped = await until("the upload to be stopped", async () => {
    const response = await send(await offset());
    return response.status === 204 ? undefined : response;
  });
  expect(stopped.status).toBe(507);
  expect(refusal.parse(await stopped.json()).error).toMatchObject({
    code: "storage_full",
    message: expect.stringContaining("The disk of this instance is full"),
  });
  const kept = await offset();
  expect(kept).toBeGreaterThanOrEqual(PART_BYTES);

  disk.free();
  await until("the upload to go on", async () => {
    const at = await offset();
    if (at === bytes.length) return true;
    await send(at);
    return false;
  });
  const id = location.split("/").at(-1);
  const file = await office.owner.ask(stored, "GET", `/api/companies/${office.company}/files/${id}`);
  expect(file).toEqual({ bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
});
