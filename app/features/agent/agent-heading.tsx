import { Link } from "@tanstack/react-router";
import type { AgentState, RunView } from "../../../party/protocol/agent.ts";
import { AgentAvatar, Stack } from "../../components/avatar.tsx";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Status } from "../../components/status.tsx";
import { modelName } from "../../lib/model-name.ts";
import type { UsedRoom } from "../../lib/room/use-room.ts";
import { useAnswering } from "../providers/use-answering.ts";
import { useCompany } from "../shell/company-context.tsx";
import { ConnectionPill } from "../shell/connection-pill.tsx";
import { runStatus } from "./outcome.ts";
import { RunTime } from "./run-head.tsx";
import { currentRun } from "./run-pick.ts";

/** Left of the top bar: which agent this is, what it does, on which model. */
export function Heading({ room, name }: { room: UsedRoom<"agent">; name: string }) {
  const { company } = useCompany();
  const answering = useAnswering();
  const { state } = room;
  return (
    <>
      <Link to="/c/$company/agents" params={{ company: company.id }}>
        Agents
      </Link>
      <Icon name="right" />
      <AgentAvatar name={name} title={state?.config?.title} size="sm" />
      <h1>{name}</h1>
      {state && <StateOfAgent state={state} />}
      {state?.config && (
        <>
          <span className="crumb-model">{modelName(answering(state.config.model))}</span>
          <SettingsLink agent={state.config.id} name={name} />
        </>
      )}
    </>
  );
}

function SettingsLink({ agent, name }: { agent: string; name: string }) {
  const { company } = useCompany();
  return (
    <Link
      className="btn icon ghost"
      to="/c/$company/agents/$agent/settings"
      params={{ company: company.id, agent }}
      aria-label={`Settings of ${name}`}
    >
      <Icon name="settings" />
    </Link>
  );
}

/** Working, waiting, paused: the state of the agent itself. */
function StateOfAgent({ state }: { state: AgentState }) {
  if (state.status.kind === "paused") return <Status kind="pause" word={`Paused by ${state.status.by.name}`} />;
  if (state.status.kind === "retired") return <Status kind="idle" word="Retired" />;
  const run = currentRun(state);
  if (run && run.state !== "ended") return <Status {...runStatus(run)} />;
  // The words of the Floor: an agent whose last run broke is not at rest.
  const broke = run?.outcome === "failed" || run?.outcome === "interrupted";
  return broke ? <Status kind="fail" word="Stopped" /> : <Status kind="idle" word="Resting" />;
}

/** The top bar of the room on a phone. */
export function PhoneTop({
  room,
  name,
  run,
  onDetails,
}: {
  room: UsedRoom<"agent">;
  name: string;
  run: RunView | undefined;
  onDetails: () => void;
}) {
  const { company, me } = useCompany();
  const answering = useAnswering();
  const others = room.people.filter((person) => person.id !== me.id);
  return (
    <header className="m-top room-top">
      <Link className="btn icon ghost" to="/c/$company" params={{ company: company.id }} aria-label="Back to the Floor">
        <Icon name="left" />
      </Link>
      <AgentAvatar name={name} title={room.state?.config?.title} />
      <span className="who">
        <h1>{name}</h1>
        <span className="num">
          {run ? (
            <>
              <RunTime run={run} clockOffsetMs={room.clockOffsetMs} />, {runStatus(run).word.toLowerCase()}
            </>
          ) : (
            modelName(answering(room.state?.config?.model ?? ""))
          )}
        </span>
      </span>
      {room.status.kind === "live" ? <Stack people={others} /> : <ConnectionPill status={room.status} />}
      {room.state?.config && <SettingsLink agent={room.state.config.id} name={name} />}
      <IconButton icon="more" label="Details of the run" onClick={onDetails} />
    </header>
  );
}
