import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { plural } from "../../lib/format.ts";
import { usePhone } from "../../lib/layout.ts";
import { runQuery, sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { Page } from "../shell/page.tsx";
import { placeOfAgent } from "../shell/places.ts";
import { type Change, changesQuery, filesApi } from "./files-api.ts";

/** What a run changed, file by file and line by line. */
export function ChangesScreen({ agent, run }: { agent: string; run: string }) {
  const { company } = useCompany();
  const phone = usePhone();
  const record = useQuery(runQuery(company.id, run));
  const query = useQuery(changesQuery(company.id, run));
  const title = showHidden(record.data?.title ?? "Run");
  const params = { company: company.id, agent, run };
  const heading = (
    <h1>
      <Link className="link" to="/c/$company/agents/$agent/runs/$run" params={params}>
        {title}
      </Link>
      <span className="dim"> / Changes</span>
    </h1>
  );
  const body = query.isPending ? (
    <LogSkeleton />
  ) : query.isError ? (
    <Note
      kind="fail"
      icon="warn"
      title="The changes could not be read"
      action={<Button onClick={() => void query.refetch()}>Try again</Button>}
    >
      {sentence(query.error)}
    </Note>
  ) : query.data.length === 0 ? (
    <EmptyState icon="file" title="This run changed no files">
      What an agent reads leaves no trace here; what it writes does.
    </EmptyState>
  ) : (
    <>
      <p className="help">{plural(query.data.length, "file", "files")} changed.</p>
      {query.data.map((change) => (
        <ChangeView key={change.path} run={run} change={change} />
      ))}
    </>
  );
  return (
    <Page title={`Changes of ${title}`} place={placeOfAgent(agent)} heading={heading}>
      {phone ? (
        <main className="m-body changes">
          <p>
            <Link className="link" to="/c/$company/agents/$agent/runs/$run" params={params}>
              {title}
            </Link>
          </p>
          {body}
        </main>
      ) : (
        <div className="column wide changes">{body}</div>
      )}
    </Page>
  );
}

const OPS: Record<Change["op"], string> = { added: "Added", changed: "Changed", removed: "Removed" };

function ChangeView({ run, change }: { run: string; change: Change }) {
  const { company } = useCompany();
  const path = showHidden(change.path);
  const removed = change.op === "removed";
  return (
    <section className="change" aria-label={`${OPS[change.op]}: ${path}`}>
      <header className="change-head">
        <Icon name={removed ? "bin" : "file"} />
        <h2 title={path}>{path}</h2>
        <span className="tag">{OPS[change.op]}</span>
        <span className="add num">+{change.added}</span>
        <span className="del num">&minus;{change.removed}</span>
        {!(removed && change.before === null) && (
          <Link
            className="link"
            to="/c/$company/files"
            params={{ company: company.id }}
            search={{ file: removed ? (change.before ?? change.after) : change.after }}
          >
            Open
          </Link>
        )}
      </header>
      <DiffView run={run} change={change} />
    </section>
  );
}

const NO_DIFF = {
  binary: "It is not text, or too long to be compared line by line. Open it to see it.",
  unknown_before: "What it was before this run was not kept, so there is nothing to compare with. Open it to see what it is now.",
} as const;

function DiffView({ run, change }: { run: string; change: Change }) {
  const { company } = useCompany();
  const [asked, setAsked] = useState(false);
  const many = change.diff.kind === "none" && change.diff.why === "many";
  const one = useQuery({
    queryKey: ["change", company.id, run, change.path],
    queryFn: async () => (await filesApi.changes(company.id, run, change.path))[0]?.diff,
    enabled: many && asked,
  });
  const diff = one.data ?? change.diff;
  if (diff.kind === "none") {
    if (diff.why !== "many") return <p className="help pad">{NO_DIFF[diff.why]}</p>;
    return (
      <p className="pad">
        <Button small busy={one.isFetching} onClick={() => setAsked(true)}>
          Show the lines
        </Button>
      </p>
    );
  }
  if (diff.hunks.length === 0) return <p className="help pad">It is again what it was before the run.</p>;
  return (
    <>
      {diff.hunks.map((hunk) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre className="diff" key={`${hunk.before} ${hunk.after}`} tabIndex={0}>
          <span className="diff-at">
            Line {hunk.after}
            {"\n"}
          </span>
          {hunk.lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
            <span className="diff-line" data-k={line.kind} key={index}>
              <span className="diff-mark">{MARKS[line.kind]}</span>
              {showHidden(line.text)}
              {"\n"}
            </span>
          ))}
        </pre>
      ))}
      {diff.truncated && <p className="help pad">More lines changed than are shown here. Open the file for all of it.</p>}
    </>
  );
}

/** Said and not only coloured. */
const MARKS = { same: " ", added: "+", removed: "-" } as const;
