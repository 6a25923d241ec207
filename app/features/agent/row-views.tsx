import { memo, useSyncExternalStore } from "react";
import { Avatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Markdown } from "../../components/markdown.tsx";
import { Note } from "../../components/states.tsx";
import { statusIcon } from "../../components/status.tsx";
import { clock, costText, tokens, took } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { AnswerForm } from "../needs/answer-form.tsx";
import { useDecide } from "../needs/use-decide.ts";
import { usePast } from "../replay/past.ts";
import { StepLink } from "../replay/step-links.tsx";
import { useCompany } from "../shell/company-context.tsx";
import { GateView } from "./gate-view.tsx";
import type { LiveText } from "./live-text.ts";
import { LongOutput } from "./long-output.tsx";
import { outcomeStatus } from "./outcome.ts";
import type { Row, RowOf } from "./rows.ts";
import { ToolsView } from "./tools-view.tsx";

/** Lines and characters of a long prompt that show at once: people want to see what came of it. */
const PROMPT_LINES = 4;
const PROMPT_CHARS = 320;

const VIA_WORDS: Record<RowOf<"user">["via"], string> = { prompt: "", steer: "steered", followup: "went on", channel: "wrote" };

/** One row of the transcript. Memoised: a row is replaced when it changes, so the others never draw again. */
export const RowView = memo(function RowView({
  row,
  run,
  live,
  phone,
  target,
  onAgain,
}: {
  row: Row;
  run: string;
  live: LiveText;
  phone: boolean;
  /** the address names this row */
  target: boolean;
  onAgain: (() => void) | undefined;
}) {
  return (
    <article className="turn" aria-current={target ? "location" : undefined}>
      {!phone && <time dateTime={row.at}>{clock(row.at)}</time>}
      <StepLink seq={Number(row.key)} phone={phone} />
      <Body row={row} run={run} live={live} onAgain={onAgain} />
    </article>
  );
});

function Body({ row, run, live, onAgain }: { row: Row; run: string; live: LiveText; onAgain: (() => void) | undefined }) {
  switch (row.kind) {
    case "user":
      return <UserView row={row} run={run} />;
    case "block":
      return row.style === "thinking" ? (
        <ThinkingView row={row} live={live} run={run} />
      ) : (
        <ProseView row={row} live={live} run={run} />
      );
    case "tools":
      return <ToolsView calls={row.calls} run={run} live={live} />;
    case "gate":
      return <GateView gate={row.gate} run={run} />;
    case "question":
      return <QuestionView row={row} />;
    case "note":
      return (
        <div className="event" data-s={row.tone}>
          <Icon name={statusIcon(row.tone)} className={row.tone} />
          <span>
            {row.text}
            {row.detail && `: ${inlineOf(row.detail)}`}
          </span>
        </div>
      );
    case "file":
      return (
        <div className="event">
          <Icon name="file" />
          <code>{row.path}</code> {row.op}
          <span className="add num">+{row.added}</span>
          <span className="del num">&minus;{row.removed}</span>
        </div>
      );
    case "end":
      return <EndView row={row} onAgain={onAgain} />;
  }
}

function useLiveText(live: LiveText, id: string): string {
  return useSyncExternalStore(
    (changed) => live.subscribe(id, changed),
    () => live.read(id),
  );
}

function UserView({ row, run }: { row: RowOf<"user">; run: string }) {
  const via = VIA_WORDS[row.via];
  return (
    <div className="say">
      {row.by.kind === "person" ? <Avatar person={row.by} size="sm" decorative /> : <Icon name="agent" />}
      <div className="grow">
        <b>{row.by.name}</b>
        {via && <span className="dim">{via}</span>}
        <LongOutput text={row.text} run={run} className="said" firstLines={PROMPT_LINES} firstChars={PROMPT_CHARS} />
      </div>
    </div>
  );
}

function ProseView({ row, live, run }: { row: RowOf<"block">; live: LiveText; run: string }) {
  const writing = useLiveText(live, row.block);
  if (row.text !== undefined && typeof row.text !== "string")
    return <LongOutput text={row.text} run={run} className="prose pre-text" />;
  return (
    <div className={row.state === "void" ? "prose void" : "prose"}>
      <Markdown text={row.text ?? writing} writing={row.state === "open"} />
      {row.state === "void" && <p className="help">Broken off here; the run began this part again.</p>}
    </div>
  );
}

/** The first sentence, short enough for the closed line. */
function gist(text: string): string {
  return text.split(/(?<=[.!?])\s|\n/, 1)[0]?.slice(0, 160) ?? "";
}

function ThinkingView({ row, live, run }: { row: RowOf<"block">; live: LiveText; run: string }) {
  const writing = useLiveText(live, row.block);
  const text = row.text === undefined ? writing : inlineOf(row.text);
  const time = row.endedAt ? took(Date.parse(row.endedAt) - Date.parse(row.at)) : undefined;
  return (
    <details className="think">
      <summary>
        <Icon name="right" className="chev" />
        {time ? `Thought for ${time}` : "Thinking"}
        <span className="dim">{gist(text)}</span>
        {row.state === "open" && <span className="caret" />}
      </summary>
      <div className="think-in">
        {row.text !== undefined && typeof row.text !== "string" ? (
          <LongOutput text={row.text} run={run} className="" />
        ) : (
          <p className="pre-text">{text}</p>
        )}
      </div>
    </details>
  );
}

function QuestionView({ row }: { row: RowOf<"question"> }) {
  const { role, state } = useCompany();
  const decide = useDecide();
  const past = usePast();
  const now = past ? undefined : state?.questions[row.question];
  const answered = row.answer ?? now?.answer;
  const cancelled = row.brokenOff || now?.state === "cancelled";
  return (
    <section className={answered || cancelled ? "gate settled-gate" : "gate"} aria-label="Question of the agent">
      <header>
        <Icon
          name={answered ? "st-done" : cancelled ? "st-idle" : "st-wait"}
          className={answered ? "done" : cancelled ? "dim" : "wait"}
        />
        <h2>{row.text}</h2>
      </header>
      <div className="gate-body">
        {answered ? (
          <p className="gate-result">
            <b>{firstName(answered.by.name)} answered:</b> {answered.value}
          </p>
        ) : cancelled ? (
          <p className="gate-result dim">Nobody answered; the question was broken off.</p>
        ) : past ? (
          <p className="gate-result dim">Nobody had answered yet.</p>
        ) : (
          <AnswerForm
            question={row.question}
            options={row.options}
            answer={decide.answer}
            why={role === "viewer" ? "Viewers see; members answer" : undefined}
          />
        )}
      </div>
    </section>
  );
}

function EndView({ row, onAgain }: { row: RowOf<"end">; onAgain: (() => void) | undefined }) {
  const status = outcomeStatus(row.outcome);
  if (row.error) {
    return (
      <div className="end-row">
        <Note
          kind="fail"
          icon={statusIcon(status.kind)}
          title={`${status.word} after ${took(row.ms)}`}
          code={row.error.code}
          action={onAgain && <Button onClick={onAgain}>Ask again</Button>}
        >
          {row.error.message} {row.error.whatToDo}
        </Note>
      </div>
    );
  }
  const by = row.by && row.outcome === "aborted" ? ` by ${firstName(row.by.name)}` : "";
  return (
    <div className="event strong">
      <Icon name={statusIcon(status.kind)} className={status.kind} />
      <span>
        <b>{status.word}</b>
        {by} after {took(row.ms)},{" "}
        <span className="dim num">
          {tokens(row.usage)} tokens, {costText(row.cost, row.basis)}
        </span>
      </span>
    </div>
  );
}
