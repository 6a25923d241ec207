import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useRef, useState } from "react";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { useKeys } from "../../lib/keys.ts";
import { usePhone } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { Page } from "../shell/page.tsx";
import { LIBRARY } from "../shell/places.ts";
import { FileRow } from "./file-row.tsx";
import { FileViewer } from "./file-viewer.tsx";
import { type FileFilter, filesKey, filesQuery, type StoredFile } from "./files-api.ts";
import { Uploads, useUploads } from "./uploads.tsx";

export interface LibrarySearch extends FileFilter {
  file?: string | undefined;
}

/** Every file of the company: what people uploaded and the newest of what agents wrote. One of them can be open beside. */
export function Library({ search }: { search: LibrarySearch }) {
  const { company } = useCompany();
  const navigate = useNavigate();
  const phone = usePhone();
  const go = (next: LibrarySearch): void =>
    void navigate({ to: "/c/$company/files", params: { company: company.id }, search: next, replace: true });
  const viewer = search.file !== undefined && (
    <FileViewer
      key={search.file}
      file={search.file}
      onClose={() => go({ ...search, file: undefined })}
      onFile={(file) => go({ ...search, file })}
    />
  );
  const list = <Files search={search} onSearch={go} />;
  return (
    <Page title="Library" place={LIBRARY}>
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

function Files({ search, onSearch }: { search: LibrarySearch; onSearch: (next: LibrarySearch) => void }) {
  const { company, role, state } = useCompany();
  const client = useQueryClient();
  const [typed, setTyped] = useState(search.q ?? "");
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const { file: open, ...filter } = search;
  const q = useDeferredValue(typed.trim());
  const query = useInfiniteQuery(filesQuery(company.id, { ...filter, q }));
  const files = query.data?.pages.flatMap((page) => page.items) ?? [];
  const uploads = useUploads(company.id, (file) => {
    void client.invalidateQueries({ queryKey: filesKey(company.id) });
    onSearch({ ...search, file });
  });
  const why = atLeast(role, "member") ? undefined : "Viewers see; members upload";
  useKeys({ "/": () => input.current?.focus(), u: why === undefined ? () => picker.current?.click() : undefined });
  const agents = Object.values(state?.roster ?? {});
  const take = (list: FileList | null): void => {
    if (list && why === undefined) uploads.add([...list]);
  };
  return (
    <section
      className="file-list"
      aria-label="Files"
      data-drop={over || undefined}
      onDragOver={(event) => {
        if (why !== undefined || !event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <div className="file-tools">
        <label className="conv-search">
          <Icon name="search" className="dim" />
          <span className="vh">Search by name</span>
          <input
            ref={input}
            type="search"
            placeholder="Search by name"
            maxLength={200}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <select
          className="input"
          aria-label="Whose files"
          value={search.agent ?? ""}
          onChange={(event) => onSearch({ ...search, agent: event.target.value || undefined })}
        >
          <option value="">From everyone</option>
          {agents.map(({ agent, name }) => (
            <option key={agent} value={agent}>
              {showHidden(name)}
            </option>
          ))}
        </select>
        <input ref={picker} type="file" multiple hidden onChange={(event) => take(event.target.files)} />
        <Button icon="plus" shortcut="U" disabledBecause={why} onClick={() => picker.current?.click()}>
          Upload
        </Button>
      </div>
      <Narrowed search={search} onSearch={onSearch} />
      <Uploads uploads={uploads} />
      {query.isError && files.length === 0 ? (
        <Note
          kind="fail"
          icon="warn"
          title="The files could not be read"
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {sentence(query.error)}
        </Note>
      ) : query.isPending ? (
        <LogSkeleton />
      ) : files.length === 0 ? (
        <Nothing q={q} narrowed={Object.values(filter).some((value) => value !== undefined)} />
      ) : (
        <>
          <ul className="file-rows" aria-label="Files, newest first" aria-busy={query.isPlaceholderData}>
            {files.map((file: StoredFile) => (
              <FileRow key={file.id} file={file} current={file.id === open} search={search} />
            ))}
          </ul>
          {query.hasNextPage && (
            <p className="conv-more">
              <Button small busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Older files
              </Button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** Filters that came with a link: said, so that nobody wonders where the other files are. */
function Narrowed({ search, onSearch }: { search: LibrarySearch; onSearch: (next: LibrarySearch) => void }) {
  const what = search.run ? "one run" : search.session ? "one conversation" : undefined;
  if (what === undefined) return null;
  return (
    <p className="file-narrowed">
      Only of {what}.{" "}
      <button type="button" className="link" onClick={() => onSearch({ ...search, run: undefined, session: undefined })}>
        Show all files
      </button>
    </p>
  );
}

function Nothing({ q, narrowed }: { q: string; narrowed: boolean }) {
  if (q !== "" || narrowed) {
    return (
      <EmptyState icon="search" title={q === "" ? "No files here" : `No file is called "${q}"`}>
        Names and paths are searched here. What stands in files is found by the search of everything, Ctrl and K.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="file" title="No files yet">
      Drop one here, or let an agent write one. Everything an agent writes can be opened and downloaded here.
    </EmptyState>
  );
}
