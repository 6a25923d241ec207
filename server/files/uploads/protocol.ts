/**
 * One request of the tus protocol (https://tus.io/protocols/resumable-upload), answered by @tus/server over our store. Who may
 * ask was decided before; refusals come back in our form.
 */
import { Server } from "@tus/server";
import { StorageFull } from "../../../db/errors.ts";
import { ApiError, asApiError, conflict, notFound } from "../../api/errors.ts";
import { UploadLocker } from "./locker.ts";
import { type StoreDeps, TusStore } from "./tus-store.ts";

/** One upload at a time is written by one request; shared by all requests of this process. */
const locker = new UploadLocker();

export type TusRequest = StoreDeps & {
  request: Request;
  /** `/api/companies/…/uploads` */
  path: string;
  /** of the upload that is made */
  newId: string;
  /** called when all bytes are there */
  complete(id: string): Promise<void>;
};

/** @throws ApiError for every answer that is a refusal */
export async function answerTus({ request, path, newId, complete, ...deps }: TusRequest): Promise<Response> {
  /** What ended the request, when it was one of ours: the server would tell it in its own words. */
  let cause: unknown;
  const noted = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      cause ??= error;
      throw error;
    });
  const store = new TusStore(deps);
  const write = store.write.bind(store);
  store.write = (...args) => noted(write(...args));
  const server = new Server({
    path,
    datastore: store,
    locker,
    relativeLocation: true,
    namingFunction: () => newId,
    allowedOrigins: () => false,
    onUploadFinish: async (_request, upload) => {
      await noted(complete(upload.id));
      return {};
    },
  });
  const response = await server.handleWeb(request);
  if (response.status < 400) return response;
  throw refusal(response.status, await response.text(), cause);
}

function refusal(status: number, text: string, cause: unknown): ApiError {
  if (cause instanceof ApiError || cause instanceof StorageFull) return asApiError(cause);
  switch (status) {
    case 404:
      return notFound();
    case 409:
      return conflict(
        "wrong_offset",
        "The upload stands elsewhere than this part begins. Ask where with HEAD, and go on from there.",
      );
    case 413:
      return new ApiError(413, "too_large", "More was sent than the upload announced. Begin it again.");
    case 400:
    case 403:
    case 412:
    case 501:
      return new ApiError(400, "invalid", `This is not an upload as tus 1.0.0 describes it: ${text.trim().replace(/\.?$/, ".")}`);
    default:
      return asApiError(cause ?? new Error(`the upload failed: ${status} ${text}`));
  }
}
