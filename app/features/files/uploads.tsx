import { useEffect, useMemo, useSyncExternalStore } from "react";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { toast } from "../../components/toast.tsx";
import { newUuid } from "../../lib/uuid.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { tusUpload } from "../chats/tus-upload.ts";
import { type Upload, UploadTray, uploadWords } from "../chats/uploads.ts";

export interface UsedUploads {
  list: readonly Upload[];
  add: (files: readonly File[]) => void;
  retry: (id: string) => void;
  remove: (id: string) => void;
}

/** Files on their way into the library. What was sent of one that broke off is kept, here and on the server. */
export function useUploads(company: string, onDone: (file: string) => void): UsedUploads {
  const tray = useMemo(
    () =>
      new UploadTray({
        start: (file, events) => tusUpload(company, undefined, file, events),
        newId: newUuid,
        read: () => null,
        write: () => undefined,
      }),
    [company],
  );
  const list = useSyncExternalStore(tray.subscribe, tray.getView);
  const arrived = list.some(({ state }) => state.kind === "done");
  useEffect(() => {
    if (!arrived) return;
    const last = tray.take().at(-1);
    if (last) onDone(last.file);
  }, [arrived, tray, onDone]);
  return {
    list,
    add: (files) => {
      const left = tray.add(files);
      if (left !== undefined) toast("info", left);
    },
    retry: (id) => tray.retry(id),
    remove: (id) => tray.remove(id),
  };
}

/** How the uploads stand. */
export function Uploads({ uploads }: { uploads: UsedUploads }) {
  if (uploads.list.length === 0) return null;
  return (
    <ul className="file-uploads" aria-label="Uploads">
      {uploads.list.map((upload) => {
        const name = showHidden(upload.name);
        const failed = upload.state.kind === "failed";
        return (
          <li key={upload.id}>
            <Icon name={failed ? "st-fail" : "st-live"} className={failed ? "fail" : "live"} />
            <span className="grow">{name}</span>
            <span className={failed ? "bad" : "num dim"} role={failed ? "alert" : undefined}>
              {uploadWords(upload)}
            </span>
            {failed && <IconButton icon="undo" label={`Go on with ${name}`} onClick={() => uploads.retry(upload.id)} />}
            <IconButton icon="x" label={`Cancel ${name}`} onClick={() => uploads.remove(upload.id)} />
          </li>
        );
      })}
    </ul>
  );
}
