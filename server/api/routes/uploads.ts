/**
 * Uploads that survive a broken connection, by the tus protocol 1.0.0: POST announces a file, PATCH sends its next bytes, HEAD
 * says how far it came, DELETE gives it up. The id of an upload is the id of the file that it becomes.
 */
import { newId } from "../../../party/protocol/ids.ts";
import { canSeeSession } from "../../files/access.ts";
import { safeName } from "../../files/names.ts";
import { findFile } from "../../files/records.ts";
import { readMetadata } from "../../files/uploads/metadata.ts";
import { type Partial, UPLOAD_KEEP_MS } from "../../files/uploads/partials.ts";
import type { TusRequest } from "../../files/uploads/protocol.ts";
import { type AppContext, actorRefOf, identityOf, membershipOf } from "../context.ts";
import { ApiError, invalid, notFound, storageFull } from "../errors.ts";
import { id } from "../fields.ts";
import { isPrivate } from "../live/sessions/visible.ts";
import { stillAllowed } from "../records.ts";
import { type PolicyMiddleware, policy } from "../route.ts";
import { companyParams, newRouter } from "../router.ts";

const PATH = "/api/companies/:companyId/uploads";
/** of one person; more than anyone drops at once */
const MAX_OPEN = 50;
const MIB = 1024 * 1024;

const member = { auth: "person", scope: "company", minRole: "member" } as const;
const begins: PolicyMiddleware = policy({ ...member, mutates: true });
const looks: PolicyMiddleware = policy({ ...member, mutates: false });
const gives: PolicyMiddleware = policy({ ...member, mutates: true, whenFull: "allow" });

/** The tus protocol in the document: its headers are described by the protocol itself, https://tus.io/protocols/resumable-upload */
function describeTus(router: ReturnType<typeof newRouter>): ReturnType<typeof newRouter> {
  const path = "/api/companies/{companyId}/uploads";
  const params = companyParams;
  const one = companyParams.extend({ uploadId: id });
  const said = (description: string) => ({ description });
  const { openAPIRegistry: document } = router;
  document.registerPath({
    method: "post",
    path,
    summary: "Announce a file (tus 1.0.0): Upload-Length, Upload-Metadata with filename and session",
    request: { params },
    responses: {
      201: said("Location names the upload; its last part is the id of the file"),
      413: said("Longer than the limit"),
    },
  });
  document.registerPath({
    method: "patch",
    path: `${path}/{uploadId}`,
    summary: "Send the next bytes (tus 1.0.0): Upload-Offset, application/offset+octet-stream",
    request: { params: one },
    responses: {
      204: said("Upload-Offset says how far it came"),
      409: said("Another offset"),
      410: said("Not finished within a day"),
    },
  });
  document.registerPath({
    method: "get",
    path: `${path}/{uploadId}`,
    summary: "How far it came; HEAD says the same in tus headers",
    request: { params: one },
    responses: { 200: said("Name, bytes, bytes received") },
  });
  document.registerPath({
    method: "delete",
    path: `${path}/{uploadId}`,
    summary: "Give an unfinished upload up",
    request: { params: one },
    responses: { 204: said("Its bytes are gone") },
  });
  return router;
}

export function uploadRoutes() {
  return describeTus(newRouter())
    .post(PATH, begins, begin)
    .patch(`${PATH}/:uploadId`, begins, goOn)
    .get(`${PATH}/:uploadId`, looks, look)
    .delete(`${PATH}/:uploadId`, gives, async (c: AppContext) => {
      await requirePartial(c);
      return answer(c, undefined);
    });
}

async function begin(c: AppContext): Promise<Response> {
  const { settings, read, disk, clock, files } = c.get("services");
  const { company } = membershipOf(c);
  const { user } = identityOf(c);
  const bytes = Number(c.req.header("upload-length") ?? Number.NaN);
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw invalid("Upload-Length", "Say how many bytes will come, in the header Upload-Length.");
  const { uploadMaxBytes } = settings.files;
  if (bytes > uploadMaxBytes) {
    const limit = `${Math.floor(uploadMaxBytes / MIB)} MiB`;
    const message = `This file has ${Math.ceil(bytes / MIB)} MiB; the limit here is ${limit}. Nothing was sent.`;
    throw new ApiError(413, "too_large", message, { details: { limitBytes: uploadMaxBytes } });
  }
  if (disk.freeBytes - bytes < settings.minFreeBytes) throw storageFull();
  const metadata = readMetadata(c.req.header("upload-metadata"));
  const session = metadata.get("session") || undefined;
  if (session !== undefined && !(await canSeeSession(read, company, user.id, session))) throw notFound();
  if ((await files.partials.countOf(user.id)) >= MAX_OPEN) {
    throw new ApiError(429, "too_many_uploads", `You have ${MAX_OPEN} unfinished uploads. Finish or cancel some first.`);
  }
  const name = safeName(metadata.get("filename") ?? metadata.get("name") ?? "");
  const createdAt = new Date(clock.now()).toISOString();
  return answer(c, { company, user: user.id, userName: user.name, name, session, createdAt });
}

async function goOn(c: AppContext): Promise<Response> {
  await requireUpload(c);
  return answer(c, undefined);
}

/** HEAD is tus; GET tells the same to people who look with a browser. */
async function look(c: AppContext): Promise<Response> {
  await requireUpload(c);
  if (c.req.method === "HEAD") {
    // All of it came, but what makes it a file failed: a client that only asks how far it is must not take that for done.
    await complete(c, uploadOf(c));
    return answer(c, undefined);
  }
  const { partials } = c.get("services").files;
  const partial = await partials.find(uploadOf(c));
  const { id, name, bytes } = partial ?? (await requireOwnFile(c));
  return c.json({ id, name, bytes, received: partial ? ((await partials.received(id)) ?? 0) : bytes });
}

function uploadOf(c: AppContext): string {
  return c.req.param("uploadId") ?? "";
}

/** @throws 404 for uploads of others, which cannot be told from those that are not there */
async function requirePartial(c: AppContext): Promise<Partial> {
  const partial = await c.get("services").files.partials.find(uploadOf(c));
  const isOwn = partial?.user === identityOf(c).user.id && partial.company === membershipOf(c).company;
  if (!partial || !isOwn) throw notFound();
  if (c.get("services").clock.now() - Date.parse(partial.createdAt) >= UPLOAD_KEEP_MS) {
    throw new ApiError(410, "expired", "This upload was not finished within a day and is gone. Upload the file again.");
  }
  return partial;
}

async function requireOwnFile(c: AppContext) {
  const file = await findFile(c.get("services").read, membershipOf(c).company, uploadOf(c));
  if (file?.kind !== "upload" || file.by.id !== identityOf(c).user.id) throw notFound();
  return file;
}

async function requireUpload(c: AppContext): Promise<void> {
  const partial = await c.get("services").files.partials.find(uploadOf(c));
  await (partial ? requirePartial(c) : requireOwnFile(c));
}

async function answer(c: AppContext, begin: TusRequest["begin"]): Promise<Response> {
  const { files, disk } = c.get("services");
  const { company } = membershipOf(c);
  // Loaded only here: most starts of the api never see an upload.
  const { answerTus } = await import("../../files/uploads/protocol.ts");
  return answerTus({
    request: c.req.raw,
    path: PATH.replace(":companyId", company),
    newId: newId("fi"),
    partials: files.partials,
    begin,
    finished: async (id) => (await findFile(c.get("services").read, company, id))?.bytes,
    check() {
      if (disk.state === "full") throw storageFull();
    },
    complete: (id) => complete(c, id),
  });
}

/** Makes the file of an upload that has all its bytes; again is no harm. */
async function complete(c: AppContext, id: string): Promise<void> {
  const { files } = c.get("services");
  await files.partials.alone(id, async () => {
    const partial = await files.partials.find(id);
    if (!partial || (await files.partials.received(id)) !== partial.bytes) return;
    const { company, name, session, bytes } = partial;
    const by = actorRefOf(identityOf(c));
    const spooled = await files.partials.finish(partial);
    const hidden = session !== undefined && (await isPrivate(c.get("services").read, session));
    await files.keep(spooled, { id, company, kind: "upload", name, by, session }, ({ activity }) => [
      stillAllowed(c),
      activity({
        chain: company,
        actor: by,
        action: "file.uploaded",
        subject: { kind: "file", id },
        data: hidden ? { bytes, private: true } : { name, bytes },
      }),
    ]);
    await files.partials.remove(id);
  });
}
