import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Banner, EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { bytes, when } from "../../lib/format.ts";
import { ApiError } from "../../lib/http.ts";
import { usePhone } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { Page } from "../shell/page.tsx";
import { placeOfAgent } from "../shell/places.ts";
import { FileViewer } from "./file-viewer.tsx";
import { type Folder, filesApi, folderQuery } from "./files-api.ts";

interface WorkspaceSearch {
  path?: string | undefined;
  file?: string | undefined;
}

/** An agent's workspace: its folders and files as they are now. */
export function WorkspaceScreen({ agent, search }: { agent: string; search: WorkspaceSearch }) {
  const { company, state } = useCompany();
  const navigate = useNavigate();
  const phone = usePhone();
  const name = showHidden(state?.roster[agent]?.name ?? "Agent");
  const params = { company: company.id, agent };
  const go = (next: WorkspaceSearch): void =>
    void navigate({ to: "/c/$company/agents/$agent/files", params, search: next, replace: true });
  const viewer = search.file !== undefined && (
    <FileViewer
      key={search.file}
      file={search.file}
      onClose={() => go({ path: search.path })}
      onFile={(file) => go({ ...search, file })}
    />
  );
  const list = <Entries agent={agent} name={name} path={search.path ?? ""} onFile={(file) => go({ ...search, file })} />;
  const title = `Files of ${name}`;
  const heading = (
    <h1>
      <Link className="link" to="/c/$company/agents/$agent" params={params}>
        {name}
      </Link>
      <span className="dim"> / Files</span>
    </h1>
  );
  return (
    <Page title={title} place={placeOfAgent(agent)} heading={heading}>
      {phone ? (
        <main className="m-body">{viewer || list}</main>
      ) : (
        <div className="library" data-open={viewer ? true : undefined}>
          {list}
          {viewer}
        </div>
      )}
    </Page>
  );
}

interface EntriesProps {
  agent: string;
  name: string;
  path: string;
  onFile: (file: string) => void;
}

function Entries({ agent, name, path, onFile }: EntriesProps) {
  const { company } = useCompany();
  const query = useQuery(folderQuery(company.id, agent, path));
  const missing = query.error instanceof ApiError && query.error.status === 404;
  return (
    <section className="file-list" aria-label={`Workspace of ${name}`}>
      <Crumbs agent={agent} name={name} path={path} />
      {query.isPending ? (
        <LogSkeleton />
      ) : missing ? (
        <EmptyState icon="search" title="This folder is not here">
          The agent may have removed it. Go up, or start at the top.
        </EmptyState>
      ) : query.isError ? (
        <Note
          kind="fail"
          icon="warn"
          title="The workspace could not be read"
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {sentence(query.error)}
        </Note>
      ) : query.data.entries.length === 0 ? (
        <EmptyState icon="file" title="Nothing here yet">
          What {name} writes appears here.
        </EmptyState>
      ) : (
        <>
          {!query.data.live && (
            <Banner icon="server">
              This workspace lies on another machine. These are the newest versions of what was written.
            </Banner>
          )}
          <ul className="file-rows" aria-label="Entries">
            {query.data.entries.map((entry) => (
              <EntryRow key={entry.path} agent={agent} entry={entry} onFile={onFile} />
            ))}
          </ul>
          {query.data.truncated && <p className="help pad">Only the first {query.data.entries.length} entries are shown.</p>}
        </>
      )}
    </section>
  );
}

function Crumbs({ agent, name, path }: { agent: string; name: string; path: string }) {
  const { company } = useCompany();
  const phone = usePhone();
  const params = { company: company.id, agent };
  const parts = path.split("/").filter(Boolean);
  return (
    <nav className="file-crumbs" aria-label="Folders">
      {phone && (
        <>
          <Link className="link" to="/c/$company/agents/$agent" params={params}>
            {name}
          </Link>
          <span className="dim" aria-hidden="true">
            /
          </span>
        </>
      )}
      <Link className="link" to="/c/$company/agents/$agent/files" params={params} search={{}}>
        Workspace
      </Link>
      {parts.map((part, index) => {
        const at = parts.slice(0, index + 1).join("/");
        return (
          <span key={at}>
            <span className="dim" aria-hidden="true">
              /
            </span>
            <Link className="link" to="/c/$company/agents/$agent/files" params={params} search={{ path: at }}>
              {showHidden(part)}
            </Link>
          </span>
        );
      })}
    </nav>
  );
}

type Entry = Folder["entries"][number];

function EntryRow({ agent, entry, onFile }: { agent: string; entry: Entry; onFile: (file: string) => void }) {
  const { company } = useCompany();
  const title = showHidden(entry.name);
  const open = useMutation({
    mutationFn: () => filesApi.openPath(company.id, agent, entry.path),
    onSuccess: onFile,
    // A disk without space keeps no new version; the newest one can still be looked at.
    onError: (error) => (entry.file ? onFile(entry.file) : toast("fail", sentence(error))),
  });
  if (entry.kind === "folder") {
    return (
      <li>
        <Link
          className="file-row"
          to="/c/$company/agents/$agent/files"
          params={{ company: company.id, agent }}
          search={{ path: entry.path }}
        >
          <Icon name="layers" />
          <span className="file-name">{title}/</span>
        </Link>
      </li>
    );
  }
  if (entry.kind === "other") {
    return (
      <li className="file-row">
        <Icon name="link" className="dim" />
        <span className="file-name dim">{title}</span>
        <span className="file-kind">not a file</span>
      </li>
    );
  }
  return (
    <li>
      <button type="button" className="file-row" aria-busy={open.isPending} onClick={() => open.mutate()}>
        <Icon name={open.isPending ? "st-live" : "file"} className={open.isPending ? "live" : ""} />
        <span className="file-name" title={title}>
          {title}
        </span>
        {entry.bytes !== undefined && <span className="num">{bytes(entry.bytes)}</span>}
        {entry.at !== undefined && <time dateTime={entry.at}>{when(entry.at, Date.now())}</time>}
      </button>
    </li>
  );
}
