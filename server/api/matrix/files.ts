/** A file and an upload of a person, as the routes make them. */
import { Readable } from "node:stream";
import { newId } from "../../../party/protocol/ids.ts";
import type { TestApp, TestPerson } from "../test-app.ts";

/** @returns ids as paths name them */
export async function makeFiles(app: TestApp, by: TestPerson, company: string): Promise<{ fileId: string; uploadId: string }> {
  const { files, clock } = app.services;
  const [fileId, uploadId] = [newId("fi"), newId("fi")];
  const spooled = await files.spool(Readable.from([Buffer.from("<p>Hello</p>")]), 100);
  const person = { id: by.id, name: "Maker", kind: "person" } as const;
  await files.keep(spooled, { id: fileId, company, kind: "upload", name: "hello.html", by: person });
  await files.drop(spooled);
  const createdAt = new Date(clock.now()).toISOString();
  await files.partials.create({ id: uploadId, company, user: by.id, userName: "Maker", name: "half.txt", bytes: 10, createdAt });
  return { fileId, uploadId };
}
