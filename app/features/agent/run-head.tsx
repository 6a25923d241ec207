import type { RunView } from "../../../party/protocol/agent.ts";
import { atLeast, type Role } from "../../../party/protocol/roles.ts";
import { runSentence } from "../../../party/protocol/run-words.ts";
import { Button } from "../../components/button.tsx";
import { Status } from "../../components/status.tsx";
import { useNow } from "../../lib/clock.ts";
import { costText, duration, when } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { RunMenu } from "../runs/run-menu.tsx";
import { runStatus } from "./outcome.ts";

/** How long a run has taken: counting while it is live. */
export function RunTime({ run, clockOffsetMs }: { run: RunView; clockOffsetMs: number }) {
  const now = useNow();
  if (run.ms !== undefined) return <span className="num">{duration(run.ms)}</span>;
  const start = run.startedAt ?? run.queuedAt;
  return <span className="num">{duration(now + clockOffsetMs - Date.parse(start))}</span>;
}

export interface RunActions {
  interrupt: () => Promise<void>;
  cancel: () => Promise<void>;
  busy: "interrupt" | "cancel" | undefined;
}

/** Why this person may not stop a run; members stop their own, operators any. */
export function whyNotCancel(run: RunView, me: { id: string; role: Role }): string | undefined {
  if (atLeast(me.role, "operator") || (run.by.id === me.id && atLeast(me.role, "member"))) return undefined;
  return "Only operators stop runs that others started";
}

/** The run on the screen: what it is, since when, what it cost, and how to break it off. */
export function RunHead({
  run,
  agent,
  clockOffsetMs,
  me,
  actions,
}: {
  run: RunView;
  agent: string;
  clockOffsetMs: number;
  me: { id: string; role: Role };
  actions: RunActions;
}) {
  const live = run.state !== "ended";
  return (
    <div className="run-head">
      <div className="run-title">
        <b>{run.title}</b>
        {live && <span className="run-why">{runSentence(run)}</span>}
        <span className="dim">
          started by {run.by.kind === "person" ? firstName(run.by.name) : run.by.name}, {when(run.queuedAt, Date.now())}
          {run.wakes > 1 && `, ${run.wakes} requests merged`}
        </span>
      </div>
      <span className="run-num">
        {!live && (
          <>
            <Status {...runStatus(run)} />
            <span className="sep" />
          </>
        )}
        <RunTime run={run} clockOffsetMs={clockOffsetMs} />
        <span className="sep" />
        <span className="num">{costText(run.cost, run.basis)}</span>
      </span>
      {live && (
        <div className="btns">
          {run.state === "running" && (
            <Button
              icon="pause"
              busy={actions.busy === "interrupt"}
              disabledBecause={atLeast(me.role, "member") ? undefined : "Viewers see; members interrupt"}
              onClick={() => void actions.interrupt()}
            >
              Interrupt
            </Button>
          )}
          <Button
            kind="danger"
            icon="stop"
            busy={actions.busy === "cancel"}
            disabledBecause={whyNotCancel(run, me)}
            onClick={() => void actions.cancel()}
          >
            Stop
          </Button>
        </div>
      )}
      <RunMenu run={run} agent={agent} />
    </div>
  );
}
