import { Link } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { laneRoom } from "../../../party/protocol/lanes.ts";
import type { Answer } from "../../../party/protocol/session.ts";
import { AgentAvatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Markdown } from "../../components/markdown.tsx";
import { statusIcon } from "../../components/status.tsx";
import { inlineOf } from "../../lib/long-text.ts";
import { useRoom } from "../../lib/room/use-room.ts";
import type { LiveText } from "../agent/live-text.ts";
import { runStatus } from "../agent/outcome.ts";
import type { RowOf } from "../agent/rows.ts";
import { useTranscript } from "../agent/use-transcript.ts";
import { useCompany } from "../shell/company-context.tsx";
import { AnswerAsks, PrivateAsks } from "./answer-asks.tsx";
import { doingWords, latestTexts, stepsTaken } from "./answer-doing.ts";
import { useDeeds } from "./chat-context.tsx";

/** An answer as it is written: what the agent does in one line, its words as they come, what it asks of people. */
export function AnswerView({ answer }: { answer: Answer }) {
  const { company } = useCompany();
  const { session, isPrivate, stop, why } = useDeeds();
  // What an agent does for a private conversation happens in a room that only its people enter.
  const room = useRoom("agent", isPrivate ? laneRoom(answer.agent, session) : answer.agent);
  const { rows, transcript } = useTranscript(room.store, company.id, answer.run);
  const run = room.state?.runs[answer.run];
  const texts = latestTexts(rows);
  const status = run ? runStatus(run) : { kind: "live" as const, word: "Starting" };
  const doing = doingWords(rows, run);
  const steps = stepsTaken(rows);
  return (
    <article className="msg in answer" aria-label={`${answer.agentName} is answering`} aria-busy="true">
      <p className="msg-by">
        <AgentAvatar name={answer.agentName} size="xs" />
        <b>{answer.agentName}</b>
      </p>
      <p className="answer-doing">
        <Icon name={statusIcon(status.kind)} className={status.kind} />
        <span className="answer-what">{doing}</span>
        {steps > 0 && <span className="num dim">{steps === 1 ? "1 step" : `${steps} steps`}</span>}
        <Link to="/c/$company/agents/$agent/runs/$run" params={{ company: company.id, agent: answer.agent, run: answer.run }}>
          open run
        </Link>
        <Button small icon="stop" disabledBecause={why} onClick={() => stop(answer.run)}>
          Stop
        </Button>
      </p>
      {texts.length > 0 && (
        <div className="msg-line">
          <div className="bubble agent">
            {texts.map((text) => (
              <Writing key={text.block} row={text} live={transcript.live} />
            ))}
          </div>
        </div>
      )}
      {isPrivate ? <PrivateAsks answer={answer} rows={rows} /> : <AnswerAsks answer={answer} />}
    </article>
  );
}

/** The words that are being written. Only this row hears of each new piece. */
function Writing({ row, live }: { row: RowOf<"block">; live: LiveText }) {
  const coming = useSyncExternalStore(
    (changed) => live.subscribe(row.block, changed),
    () => live.read(row.block),
  );
  return <Markdown text={row.text === undefined ? coming : inlineOf(row.text)} writing={row.state === "open"} />;
}
