import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { getDocumentProxy } from "unpdf";
import { IconButton } from "../../components/button.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { bytes } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { filesApi, type StoredFile } from "./files-api.ts";

/** bytes; a larger document is drawn better by the program a person has for it */
const MAX_BYTES = 64 * 1024 * 1024;
/** drawn pixels for each of the screen's; sharp on a phone, bounded in memory */
const MAX_DENSITY = 2;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** A PDF, page by page, drawn by ourselves: a browser's own viewer does not run in a sandbox. */
export default function PdfView({ company, file }: { company: string; file: StoredFile }) {
  const [page, setPage] = useState(1);
  const tooLarge = file.bytes > MAX_BYTES;
  const query = useQuery({
    queryKey: ["pdf", company, file.id],
    queryFn: async () => getDocumentProxy(await filesApi.bytes(company, file.id), { verbosity: 0 }),
    enabled: !tooLarge,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    // A document holds its bytes and its engine: it is no value that could be compared or copied.
    structuralSharing: false,
  });
  if (tooLarge) {
    return (
      <Note kind="idle" icon="file" title="This PDF is too large to be shown here">
        It has {bytes(file.bytes)}. Download it to read it.
      </Note>
    );
  }
  if (query.isPending) return <LogSkeleton />;
  if (query.isError) {
    return (
      <Note kind="fail" icon="warn" title="This PDF cannot be shown">
        {whyNot(query.error)}
      </Note>
    );
  }
  const pages = query.data.numPages;
  const turn = (by: number): void => setPage(Math.min(pages, Math.max(1, page + by)));
  return (
    <div className="pdf">
      <div className="pdf-bar">
        <IconButton
          icon="left"
          label="Page before"
          disabledBecause={page > 1 ? undefined : "This is the first page"}
          onClick={() => turn(-1)}
        />
        <label>
          <span className="vh">Page</span>
          <input
            className="input num"
            type="number"
            min={1}
            max={pages}
            value={page}
            onChange={(event) => {
              const asked = event.target.valueAsNumber;
              if (Number.isInteger(asked)) setPage(Math.min(pages, Math.max(1, asked)));
            }}
          />
        </label>
        <span className="dim">of {pages}</span>
        <IconButton
          icon="right"
          label="Next page"
          disabledBecause={page < pages ? undefined : "This is the last page"}
          onClick={() => turn(1)}
        />
      </div>
      <PdfPage key={page} pdf={query.data} page={page} name={showHidden(file.name)} />
    </div>
  );
}

function PdfPage({ pdf, page, name }: { pdf: Pdf; page: number; name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [state, setState] = useState<{ kind: "drawing" } | { kind: "drawn"; text: string } | { kind: "failed"; why: string }>({
    kind: "drawing",
  });
  useEffect(() => {
    let gone = false;
    draw(pdf, page, canvas.current).then(
      (text) => !gone && setState({ kind: "drawn", text }),
      (error: unknown) => !gone && setState({ kind: "failed", why: sentence(error) }),
    );
    return () => {
      gone = true;
    };
  }, [pdf, page]);
  return (
    <>
      {state.kind === "failed" && (
        <Note kind="fail" icon="warn" title={`Page ${page} cannot be drawn`} code={state.why}>
          Download the file to read it.
        </Note>
      )}
      <canvas
        ref={canvas}
        className="pdf-page"
        role="img"
        aria-label={`Page ${page} of ${name}`}
        hidden={state.kind === "failed"}
      />
      {/* For those who listen, and for a search in the page. */}
      {state.kind === "drawn" && <p className="vh">{state.text}</p>}
    </>
  );
}

/** Draws a page as wide as its place, and answers its text. */
async function draw(pdf: Pdf, number: number, canvas: HTMLCanvasElement | null): Promise<string> {
  const context = canvas?.getContext("2d");
  if (!canvas || !context) throw new Error("This browser does not draw.");
  const page = await pdf.getPage(number);
  const width = canvas.parentElement?.clientWidth ?? canvas.clientWidth;
  const density = Math.min(window.devicePixelRatio || 1, MAX_DENSITY);
  const viewport = page.getViewport({ scale: (width / page.getViewport({ scale: 1 }).width) * density });
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  await page.render({ canvas, canvasContext: context, viewport }).promise;
  const { items } = await page.getTextContent();
  return items.map((item) => ("str" in item ? item.str : "")).join(" ");
}

function whyNot(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "PasswordException") return "It is locked with a password. Download it to open it.";
  if (name === "InvalidPDFException") return "It is damaged or not whole. Ask for it again.";
  return sentence(error);
}
