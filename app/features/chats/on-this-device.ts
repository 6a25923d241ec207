import { ApiError } from "../../lib/http.ts";
import { newUuid } from "../../lib/uuid.ts";
import { chatApi } from "./chat-api.ts";
import { OutgoingMessages } from "./outgoing.ts";
import { tusUpload } from "./tus-upload.ts";
import { UploadTray } from "./uploads.ts";

/**
 * What a person has written or attached and the conversation does not have yet. It belongs to the tab and not to a screen:
 * it goes on while they look at something else, and is there again after a reload.
 */
const outgoing = new Map<string, OutgoingMessages>();
const trays = new Map<string, UploadTray>();

export function outgoingOf(company: string, session: string): OutgoingMessages {
  return held(
    outgoing,
    session,
    () =>
      new OutgoingMessages({
        post: (written, key) => chatApi.post(company, session, written, key),
        passes,
        now: () => new Date().toISOString(),
        newKey: newUuid,
        ...stored(`atrium.sending.${session}`),
      }),
  );
}

export function trayOf(company: string, session: string): UploadTray {
  return held(
    trays,
    session,
    () =>
      new UploadTray({
        start: (file, events) => tusUpload(company, session, file, events),
        newId: newUuid,
        ...stored(`atrium.files.${session}`),
      }),
  );
}

/** True for a failure that may be over by itself: no network, a server that restarts, a request that is still worked on. */
function passes(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status === 0 || error.status === 429 || error.status >= 500 || error.code === "in_progress")
  );
}

function held<T>(all: Map<string, T>, key: string, make: () => T): T {
  const known = all.get(key) ?? make();
  all.set(key, known);
  return known;
}

/** One text of this tab. Where storage is blocked it lives as long as the page. */
function stored(key: string): { read(): string | null; write(text: string | null): void } {
  return {
    read: () => {
      try {
        return sessionStorage.getItem(key);
      } catch {
        return null;
      }
    },
    write: (text) => {
      try {
        if (text === null) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, text);
      } catch {
        // blocked, or full
      }
    },
  };
}
