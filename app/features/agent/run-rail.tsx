import { Link } from "@tanstack/react-router";
import type { AgentState, RunView } from "../../../party/protocol/agent.ts";
import type { PresenceEntry } from "../../../party/protocol/frames.ts";
import { runSentence } from "../../../party/protocol/run-words.ts";
import { Icon } from "../../components/icon.tsx";
import { costText, tokens, when } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { isRehearsal, modelName } from "../../lib/model-name.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { HereNow } from "../floor/here-now.tsx";
import { useCompany } from "../shell/company-context.tsx";
import { EarlierRuns } from "./earlier-runs.tsx";
import { queuedRuns } from "./run-pick.ts";

/** What a person does in this room, in words. */
function doing(person: PresenceEntry, run: string | undefined): string {
  if (person.deciding) return "deciding";
  if (person.typing) return "typing";
  if (run !== undefined && person.place !== undefined && person.place !== run) return "in another run";
  return person.reading === undefined ? "at the live edge" : "reading further up";
}

/** Details beside the transcript: the run, its files, who is here, what waits and what was before. */
export function RunRail({
  state,
  run,
  people,
  onTakeBack,
}: {
  state: AgentState;
  run: RunView | undefined;
  people: readonly PresenceEntry[];
  onTakeBack: (run: string) => void;
}) {
  const { me } = useCompany();
  const waiting = queuedRuns(state);
  return (
    <>
      {run && run.plan.length > 0 && <Plan plan={run.plan} />}
      {run && <Facts run={run} model={run.model ?? state.config?.model ?? ""} />}
      <Files agent={state.config?.id} run={run} />
      <div className="rail-head line">
        <h2>In this room</h2>
        <span className="count">{people.length}</span>
      </div>
      <HereNow people={people} me={me.id} words={(person) => doing(person, run?.id)} />
      {waiting.length > 0 && (
        <>
          <div className="rail-head line">
            <h2>Waiting</h2>
            <span className="count">{waiting.length}</span>
          </div>
          <ul className="files">
            {waiting.map((one) => (
              <li key={one.id}>
                <Icon name="st-queue" />
                <span className="grow">{one.title}</span>
                {one.wakes > 1 && <span className="num dim">{one.wakes} merged</span>}
                <button type="button" className="link" onClick={() => onTakeBack(one.id)}>
                  Take back
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <EarlierRuns state={state} current={run?.id} />
    </>
  );
}

function Plan({ plan }: { plan: RunView["plan"] }) {
  const done = plan.filter((item) => item.state === "done").length;
  return (
    <>
      <div className="rail-head">
        <h2>Plan</h2>
        <span className="rail-note num">
          {done} of {plan.length}
        </span>
      </div>
      <ol className="plan">
        {plan.map((item) => (
          <li key={item.text} data-s={item.state}>
            <Icon
              name={item.state === "done" ? "check" : item.state === "live" ? "st-live" : "st-idle"}
              className={item.state === "live" ? "live" : ""}
            />
            <span>{item.text}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Facts({ run, model }: { run: RunView; model: string }) {
  return (
    <>
      <div className="rail-head line">
        <h2>This run</h2>
        <span className="rail-note num">{isRehearsal(model) ? "costs nothing" : costText(run.cost, run.basis)}</span>
      </div>
      <dl className="props">
        {run.state !== "ended" && runSentence(run) !== "" && (
          <div className="props-now">
            <dt>Now</dt>
            <dd>{runSentence(run)}</dd>
          </div>
        )}
        <div>
          <dt>Started by</dt>
          <dd>
            {run.by.kind === "person" ? firstName(run.by.name) : run.by.name}, {when(run.queuedAt, Date.now())}
          </dd>
        </div>
        <div>
          <dt>Model</dt>
          <dd title={modelName(model)}>{modelName(model)}</dd>
        </div>
        {run.sandbox && (
          <div>
            <dt>Sandbox</dt>
            <dd title={run.sandbox}>{run.sandbox}</dd>
          </div>
        )}
        <div>
          <dt>Tokens</dt>
          <dd className="num">{tokens(run.usage)}</dd>
        </div>
        {run.attempt > 1 && (
          <div>
            <dt>Attempt</dt>
            <dd className="num">{run.attempt}</dd>
          </div>
        )}
      </dl>
    </>
  );
}

/** What the run changed, each file to be looked at, and the way to all files of the agent. */
function Files({ agent, run }: { agent: string | undefined; run: RunView | undefined }) {
  const { company } = useCompany();
  if (agent === undefined) return null;
  const params = { company: company.id, agent };
  return (
    <>
      <div className="rail-head line">
        <h2>{run && run.files.length > 0 ? "Files changed" : "Files"}</h2>
        <Link className="link rail-note" to="/c/$company/agents/$agent/files" params={params}>
          Workspace
        </Link>
      </div>
      {run && run.files.length > 0 && (
        <>
          <ul className="files">
            {run.files.map((file) => (
              <li key={file.path}>
                <Icon name={file.op === "removed" ? "bin" : "file"} />
                <code title={file.path}>{showHidden(file.path)}</code>
                <span className="add num">+{file.added}</span>
                <span className="del num">&minus;{file.removed}</span>
              </li>
            ))}
          </ul>
          <p className="pad">
            <Link className="link" to="/c/$company/agents/$agent/runs/$run/changes" params={{ ...params, run: run.id }}>
              See what changed
            </Link>
          </p>
        </>
      )}
    </>
  );
}
