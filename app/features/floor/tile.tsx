import { Link } from "@tanstack/react-router";
import type { RosterEntry } from "../../../party/protocol/company.ts";
import type { PresenceEntry } from "../../../party/protocol/frames.ts";
import { AgentAvatar, Stack } from "../../components/avatar.tsx";
import { Status } from "../../components/status.tsx";
import { useNow } from "../../lib/clock.ts";
import { duration } from "../../lib/format.ts";
import { isRehearsal, modelName } from "../../lib/model-name.ts";
import { useCompany } from "../shell/company-context.tsx";
import { placeOfAgent } from "../shell/places.ts";
import { agentStatus, lastRunWords } from "./roster.ts";

function watchers(entry: RosterEntry, people: readonly PresenceEntry[]): PresenceEntry[] {
  return people.filter((person) => person.place === placeOfAgent(entry.agent));
}

/** The time a run has been going, moving while it does. */
function RunTime({ startedAt }: { startedAt: string | undefined }) {
  const now = useNow();
  const { room } = useCompany();
  return <span className="num">{startedAt ? duration(now + room.clockOffsetMs - Date.parse(startedAt)) : "0:00"}</span>;
}

/** What the agent does, or did last, in one line. */
function Doing({ entry }: { entry: RosterEntry }) {
  const resting = entry.status === "idle" || entry.status === "retired";
  return <p className={resting ? "doing dim" : "doing"}>{entry.doing || (entry.run?.title ?? "Waiting for something to do")}</p>;
}

/** One agent on the Floor, on a desk. The whole tile opens the agent's room. */
export function Tile({ entry }: { entry: RosterEntry }) {
  const { company, room } = useCompany();
  const status = agentStatus(entry);
  const now = Date.now();
  return (
    <li className="tile" data-s={status.kind}>
      <Link
        className="tile-link"
        to="/c/$company/agents/$agent"
        params={{ company: company.id, agent: entry.agent }}
        aria-label={`Open ${entry.name}, ${status.word}`}
      />
      <div className="tile-top">
        <AgentAvatar name={entry.name} title={entry.title} />
        <div className="who">
          <b>{entry.name}</b>
          <span>{entry.title || "Agent"}</span>
        </div>
        <Status {...status} />
      </div>
      <Doing entry={entry} />
      {entry.call && entry.status === "working" ? (
        <div className="call">
          <code>{entry.call}</code>
          <span className="bar" data-open />
        </div>
      ) : (
        <div className="ask">
          <span>{entry.run ? entry.run.title : lastRunWords(entry, now)}</span>
          {entry.status === "waiting" && (
            <Link to="/c/$company/agents/$agent" params={{ company: company.id, agent: entry.agent }}>
              Review
            </Link>
          )}
        </div>
      )}
      <div className="tile-foot">
        {entry.run && <RunTime startedAt={entry.run.startedAt} />}
        {entry.queued > 0 && <span>{entry.queued} in line</span>}
        <span className="tile-model" title={modelName(entry.model)}>
          {isRehearsal(entry.model) ? "Rehearsal model, no provider key" : entry.model}
        </span>
        <Stack people={watchers(entry, room.people)} />
      </div>
    </li>
  );
}

/** One agent on the Floor of a phone. */
export function PhoneTile({ entry }: { entry: RosterEntry }) {
  const { company, room } = useCompany();
  const status = agentStatus(entry);
  return (
    <li>
      <Link className="m-tile" to="/c/$company/agents/$agent" params={{ company: company.id, agent: entry.agent }}>
        <AgentAvatar name={entry.name} title={entry.title} size="lg" />
        <span className="grow">
          <span className="m-tile-top">
            <b>{entry.name}</b>
            <Status {...status} />
          </span>
          <span className="doing">{entry.doing || entry.title}</span>
          <span className="m-tile-foot">
            {entry.call && entry.status === "working" && <span className="bar" data-open />}
            {entry.run ? (
              <RunTime startedAt={entry.run.startedAt} />
            ) : (
              <span className="tile-model">{lastRunWords(entry, Date.now())}</span>
            )}
            {entry.run && (
              <span className="tile-model">{isRehearsal(entry.model) ? "Rehearsal, no provider key" : entry.model}</span>
            )}
            <Stack people={watchers(entry, room.people)} />
          </span>
        </span>
      </Link>
    </li>
  );
}
