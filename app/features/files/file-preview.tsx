import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { assertNever } from "../../../party/protocol/assert.ts";
import { Button } from "../../components/button.tsx";
import { Markdown } from "../../components/markdown.tsx";
import { EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { bytes } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { ArtifactFrame } from "./artifact-frame.tsx";
import { CodeLines } from "./code-lines.tsx";
import { contentUrl, type Preview, previewQuery, type StoredFile } from "./files-api.ts";

// The PDF engine is many times the size of everything else here.
const PdfView = lazy(() => import("./pdf-view.tsx"));

/** What a file shows of itself. */
export function FilePreview({ file }: { file: StoredFile }) {
  const { company } = useCompany();
  const query = useQuery({ ...previewQuery(company.id, file.id), enabled: file.sha256 !== null });
  if (file.sha256 === null) {
    return (
      <EmptyState icon="bin" title="The agent removed this file">
        Its earlier versions can be opened above.
      </EmptyState>
    );
  }
  if (query.isPending) return <LogSkeleton />;
  if (query.isError) {
    return (
      <Note
        kind="fail"
        icon="warn"
        title="This cannot be shown now"
        action={<Button onClick={() => void query.refetch()}>Try again</Button>}
      >
        {sentence(query.error)}
      </Note>
    );
  }
  return <Shown company={company.id} file={file} preview={query.data} />;
}

function Shown({ company, file, preview }: { company: string; file: StoredFile; preview: Preview }) {
  switch (preview.kind) {
    case "image":
      return <img className="file-image" src={contentUrl(company, file.id, true)} alt={showHidden(file.name)} />;
    case "pdf":
      return (
        <Suspense fallback={<LogSkeleton />}>
          <PdfView company={company} file={file} />
        </Suspense>
      );
    case "text":
      return <CodeLines text={preview.text} cut={preview.truncated} />;
    case "markdown":
      return <Written text={preview.text} cut={preview.truncated} />;
    case "table":
      return <Table rows={preview.rows} cut={preview.truncated} />;
    case "artifact":
      return <Artifact file={file} text={preview.text} cut={preview.truncated} />;
    case "facts":
      return <Facts file={file} />;
    default:
      return assertNever(preview);
  }
}

type View = "shown" | "source";

function Views({ view, shown, onView }: { view: View; shown: string; onView: (view: View) => void }) {
  return (
    <fieldset className="seg file-views" aria-label="How it is shown">
      <button type="button" aria-pressed={view === "shown"} onClick={() => onView("shown")}>
        {shown}
      </button>
      <button type="button" aria-pressed={view === "source"} onClick={() => onView("source")}>
        Source
      </button>
    </fieldset>
  );
}

function Written({ text, cut }: { text: string; cut: boolean }) {
  const [view, setView] = useState<View>("shown");
  return (
    <>
      <Views view={view} shown="Text" onView={setView} />
      {view === "shown" ? (
        <div className="file-prose md">
          <Markdown text={text} />
          {cut && <p className="help">Only its beginning is shown. Download it to read all of it.</p>}
        </div>
      ) : (
        <CodeLines text={text} cut={cut} />
      )}
    </>
  );
}

function Artifact({ file, text, cut }: { file: StoredFile; text: string; cut: boolean }) {
  const [view, setView] = useState<View>("shown");
  return (
    <>
      <Views view={view} shown="Result" onView={setView} />
      {view === "shown" ? <ArtifactFrame file={file} /> : <CodeLines text={text} cut={cut} />}
    </>
  );
}

function Table({ rows, cut }: { rows: readonly (readonly string[])[]; cut: boolean }) {
  const [head, ...rest] = rows;
  if (!head) return <p className="help pad">The table is empty.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="file-table" aria-label="Table" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {head.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have no other name than their place
                <th key={column} scope="col">
                  {showHidden(cell)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rest.map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name than their place
              <tr key={line}>
                {row.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells have no other name than their place
                  <td key={column}>{showHidden(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {cut && <p className="help pad">Only the first {rows.length - 1} rows are shown. Download the file for all of it.</p>}
    </>
  );
}

function Facts({ file }: { file: StoredFile }) {
  return (
    <EmptyState icon="file" title="This kind of file is not shown here">
      {file.mime}, {bytes(file.bytes)}. Archives are not opened here either. Download it to look inside.
    </EmptyState>
  );
}
