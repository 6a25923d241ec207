import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { showHidden } from "../../lib/visible-text.ts";
import { FileName } from "./file-name.tsx";
import { type Upload, type UploadTray, uploadWords } from "./uploads.ts";

/** The files of a draft: how far each is, and what can be done about one that did not arrive. */
export function UploadList({ uploads, tray }: { uploads: readonly Upload[]; tray: UploadTray }) {
  return (
    <ul className="uploads" aria-label="Files to send">
      {uploads.map((upload) => (
        <li key={upload.id} data-s={upload.state.kind}>
          <Icon name={upload.state.kind === "failed" || upload.state.kind === "lost" ? "warn" : "file"} />
          <FileName name={upload.name} />
          <span className="num dim upload-words" role={upload.state.kind === "failed" ? "alert" : undefined}>
            {uploadWords(upload)}
          </span>
          {upload.state.kind === "sending" && (
            <progress
              max={Math.max(1, upload.bytes)}
              value={upload.state.sent}
              aria-label={`Upload of ${showHidden(upload.name)}`}
            />
          )}
          {upload.state.kind === "failed" && (
            <button type="button" className="link" onClick={() => tray.retry(upload.id)}>
              Try again
            </button>
          )}
          <IconButton
            icon="x"
            label={upload.state.kind === "sending" ? `Cancel ${showHidden(upload.name)}` : `Take ${showHidden(upload.name)} out`}
            onClick={() => tray.remove(upload.id)}
          />
        </li>
      ))}
    </ul>
  );
}
