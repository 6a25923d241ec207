import type { Upload as TusUpload } from "tus-js-client";
import { uploadedFile } from "./chat-api.ts";
import type { UploadEvents } from "./uploads.ts";

/** bytes of one request: what is lost at most when the line breaks, and small enough for the proxies in front of us */
const CHUNK_BYTES = 8 * 1024 * 1024;
/** ms between attempts of a chunk; after the last one a person is asked */
const RETRY_MS = [500, 1_000, 3_000, 8_000];

/**
 * Uploads one file so that it goes on after a break, also in a later visit of the same browser. The conversation it is for is
 * named from the start: a file for a private one is nobody else's, not even before its message is sent.
 * @param session undefined for the library
 */
export function tusUpload(
  company: string,
  session: string | undefined,
  file: File,
  events: UploadEvents,
): (forGood: boolean) => void {
  let stopped = false;
  let running: TusUpload | undefined;
  const fail = (error: unknown): void => {
    if (!stopped) events.failed(whyFailed(error));
  };
  const begin = async (): Promise<void> => {
    const { Upload } = await import("tus-js-client");
    if (stopped) return;
    const upload = new Upload(file, {
      endpoint: `/api/companies/${company}/uploads`,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      removeFingerprintOnSuccess: true,
      // What broke off in a private conversation goes on in that one alone, and never in the library.
      fingerprint: async () =>
        ["atrium", company, session ?? "library", file.name, file.type, file.size, file.lastModified].join(" "),
      metadata: { filename: file.name || "pasted file", filetype: file.type, ...(session !== undefined && { session }) },
      onProgress: (sent) => events.progress(sent),
      onError: fail,
      onSuccess: () => {
        const id = upload.url?.split(/[/?#]/).findLast((part) => part.startsWith("fi_"));
        if (id === undefined) return fail(undefined);
        uploadedFile(company, id).then((attachment) => !stopped && events.done(attachment), fail);
      },
    });
    running = upload;
    const earlier = await upload.findPreviousUploads();
    if (stopped) return;
    if (earlier[0]) upload.resumeFromPreviousUpload(earlier[0]);
    upload.start();
  };
  begin().catch(fail);
  return (forGood) => {
    stopped = true;
    // What cannot be told now the server sweeps later: an upload that is never finished does not stay.
    running?.abort(forGood).catch(() => undefined);
  };
}

/** The sentence of a refusal, or what a broken line means. */
function whyFailed(error: unknown): string {
  const response =
    typeof error === "object" && error !== null && "originalResponse" in error ? error.originalResponse : undefined;
  const text =
    typeof response === "object" && response !== null && "getBody" in response && typeof response.getBody === "function"
      ? String(response.getBody())
      : "";
  return sentenceOf(text) ?? "It did not arrive. What was sent is kept: try again to go on.";
}

function sentenceOf(text: string): string | undefined {
  try {
    const { error } = Object(JSON.parse(text));
    return typeof error?.message === "string" ? error.message : undefined;
  } catch {
    return undefined;
  }
}
