import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Icon } from "../../components/icon.tsx";
import { EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { when } from "../../lib/format.ts";
import { ApiError } from "../../lib/http.ts";
import { usePhone } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { FilePreview } from "./file-preview.tsx";
import { fileFacts, fileIcon, fileKind, fileTitle } from "./file-words.ts";
import { contentUrl, fileQuery, filesApi, filesKey, type StoredFile, versionsQuery } from "./files-api.ts";

export interface FileViewerProps {
  file: string;
  onClose: () => void;
  /** another version was chosen */
  onFile: (file: string) => void;
}

/** One file: what it is, what it shows, where it came from, and how to get it. */
export function FileViewer({ file: id, onClose, onFile }: FileViewerProps) {
  const { company } = useCompany();
  const query = useQuery(fileQuery(company.id, id));
  const file = query.data;
  if (file) return <Viewer file={file} onClose={onClose} onFile={onFile} />;
  const gone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <section className="file-viewer" aria-label="File">
      {query.isPending ? (
        <LogSkeleton />
      ) : gone ? (
        <EmptyState icon="search" title="This file is not here" action={<Button onClick={onClose}>Back to the files</Button>}>
          It was deleted, or it belongs to a conversation you are not in.
        </EmptyState>
      ) : (
        <Note
          kind="fail"
          icon="warn"
          title="The file could not be read"
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {sentence(query.error)}
        </Note>
      )}
    </section>
  );
}

function Viewer({ file, onClose, onFile }: Omit<FileViewerProps, "file"> & { file: StoredFile }) {
  const { company, me, role } = useCompany();
  const phone = usePhone();
  const title = fileTitle(file);
  const mine = file.by.id === me.id && atLeast(role, "member");
  const why = mine || atLeast(role, "admin") ? undefined : "Only who uploaded a file, or an admin, can delete it";
  return (
    <section className="file-viewer" aria-label={title}>
      <header className="file-head">
        {phone && <IconButton icon="left" label="Back to the files" onClick={onClose} />}
        <Icon name={fileIcon(file)} />
        <div className="who">
          <h2 title={title}>{title}</h2>
          <span>
            {fileKind(file)}, {fileFacts(file, Date.now())}
          </span>
        </div>
        {file.sha256 !== null && (
          <a className="btn" href={contentUrl(company.id, file.id)} download>
            Download
          </a>
        )}
        <Remove file={file} why={why} onGone={onClose} />
        {!phone && <IconButton icon="x" label="Close the file" onClick={onClose} />}
      </header>
      <Origin file={file} />
      {file.kind === "version" && <Versions file={file} onFile={onFile} />}
      <div className="file-body">
        <FilePreview key={file.id} file={file} />
      </div>
    </section>
  );
}

/** Where an agent's file came from. */
function Origin({ file }: { file: StoredFile }) {
  const { company } = useCompany();
  if (!file.agent) return null;
  const agent = { company: company.id, agent: file.agent };
  return (
    <p className="file-origin">
      <Link className="link" to="/c/$company/agents/$agent/files" params={agent}>
        Workspace
      </Link>
      {file.run && (
        <>
          <Link className="link" to="/c/$company/agents/$agent/runs/$run" params={{ ...agent, run: file.run }}>
            The run that wrote it
          </Link>
          <Link className="link" to="/c/$company/agents/$agent/runs/$run/changes" params={{ ...agent, run: file.run }}>
            What that run changed
          </Link>
        </>
      )}
    </p>
  );
}

function Versions({ file, onFile }: { file: StoredFile; onFile: (file: string) => void }) {
  const { company } = useCompany();
  const { data: versions = [] } = useQuery(versionsQuery(company.id, file.id));
  if (versions.length < 2) return null;
  const now = Date.now();
  return (
    <label className="file-versions">
      <span>Version</span>
      <select className="input" value={file.id} onChange={(event) => onFile(event.target.value)}>
        {versions.map((version, index) => (
          <option key={version.id} value={version.id}>
            {versions.length - index} of {versions.length}: {version.op === "removed" ? "removed " : ""}
            {when(version.at, now)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Remove({ file, why, onGone }: { file: StoredFile; why: string | undefined; onGone: () => void }) {
  const { company } = useCompany();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => filesApi.remove(company.id, file.id),
    onSuccess: () => {
      onGone();
      void client.invalidateQueries({ queryKey: filesKey(company.id) });
    },
    onError: (error) => toast("fail", sentence(error)),
  });
  return (
    <>
      <IconButton icon="bin" label="Delete the file" disabledBecause={why} onClick={() => setAsking(true)} />
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Delete this file?"
        description={
          file.kind === "version"
            ? "This version goes; the file in the agent's workspace stays as it is."
            : "It goes for everyone, also where it is attached to a message. It cannot be brought back."
        }
      >
        <div className="btns end">
          <Button onClick={() => setAsking(false)}>Keep it</Button>
          <Button kind="danger" icon="bin" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
        </div>
      </Dialog>
    </>
  );
}
