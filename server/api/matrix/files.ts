/** A file and an upload of a person, as the routes make them, and a file in an agent's workspace. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "../../../party/protocol/ids.ts";
import type { TestApp, TestPerson } from "../test-app.ts";

const WORKSPACE_FILE = "notes.txt";

/** @returns ids as paths name them */
export async function makeFiles(
  app: TestApp,
  by: TestPerson,
  company: string,
  agent: string,
): Promise<{ fileId: string; uploadId: string; path: string }> {
  const { files, clock, settings } = app.services;
  const [fileId, uploadId] = [newId("fi"), newId("fi")];
  const spooled = await files.spool(Readable.from([Buffer.from("<p>Hello</p>")]), 100);
  const person = { id: by.id, name: "Maker", kind: "person" } as const;
  await files.keep(spooled, { id: fileId, company, kind: "upload", name: "hello.html", by: person });
  await files.drop(spooled);
  const createdAt = new Date(clock.now()).toISOString();
  await files.partials.create({ id: uploadId, company, user: by.id, userName: "Maker", name: "half.txt", bytes: 10, createdAt });
  const workspace = join(settings.dataFolder, "workspaces", company, agent);
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, WORKSPACE_FILE), "Hello");
  return { fileId, uploadId, path: WORKSPACE_FILE };
}
