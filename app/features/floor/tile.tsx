import { Link } from "@tanstack/react-router";
import type { RosterEntry } from "../../../party/protocol/company.ts";
import type { PresenceEntry } from "../../../party/protocol/frames.ts";
import { AgentAvatar, Stack } from "../../components/avatar.tsx";
import { Status } from "../../components/status.tsx";
import { useNow } from "../../lib/clock.ts";
import { duration } from "../../lib/format.ts";
import { modelName, shortModel } from "../../lib/model-name.ts";
import { askOf } from "../needs/needs.ts";
import { useAnswering } from "../providers/use-answering.ts";
import { useCompany } from "../shell/company-context.tsx";
import { placeOfAgent } from "../shell/places.ts";
import { about, agentStatus, lastRunWords } from "./roster.ts";

function watchers(entry: RosterEntry, people: readonly PresenceEntry[]): PresenceEntry[] {
  return people.filter((person) => person.place === placeOfAgent(entry.agent));
}

/** The time a run has been going, moving while it does. */
function RunTime({ startedAt }: { startedAt: string | undefined }) {
  const now = useNow();
  const { room } = useCompany();
  return <span className="num">{startedAt ? duration(now + room.clockOffsetMs - Date.parse(startedAt)) : "0:00"}</span>;
}

/** What the agent is about, in one line. */
function About({ entry }: { entry: RosterEntry }) {
  const { state } = useCompany();
  const text = about(entry, state && askOf(state, entry.agent));
  const resting = entry.status === "idle" || entry.status === "paused" || entry.status === "retired";
  return (
    <p className={resting ? "doing dim" : "doing"} title={text}>
      {text}
    </p>
  );
}

/** Below it: what it does to what right now, or whose move it is, or how it went last. */
function Now({ entry }: { entry: RosterEntry }) {
  const { company } = useCompany();
  const open = { to: "/c/$company/agents/$agent", params: { company: company.id, agent: entry.agent } } as const;
  if (entry.status === "working") {
    return (
      <div className="call">
        {entry.call ? <code>{entry.call}</code> : <span>{entry.doing}</span>}
        <span className="bar" data-open />
      </div>
    );
  }
  return (
    <div className="ask">
      <span>{entry.run ? entry.run.title : lastRunWords(entry, Date.now())}</span>
      {entry.status === "waiting" && <Link {...open}>Review</Link>}
      {entry.status === "idle" && !entry.last && <Link {...open}>Ask for something</Link>}
    </div>
  );
}

/** One agent on the Floor, on a desk. The whole tile opens the agent's room. */
export function Tile({ entry }: { entry: RosterEntry }) {
  const { company, room } = useCompany();
  const model = useAnswering()(entry.model);
  const status = agentStatus(entry);
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
        <b>{entry.name}</b>
        <Status {...status} />
        <span className="tile-title">{entry.title || "Agent"}</span>
      </div>
      <About entry={entry} />
      <Now entry={entry} />
      <div className="tile-foot">
        {entry.run && <RunTime startedAt={entry.run.startedAt} />}
        {entry.queued > 0 && <span>{entry.queued} in line</span>}
        <span className="tile-model" title={modelName(model)}>
          {shortModel(model)}
        </span>
        <Stack people={watchers(entry, room.people)} />
      </div>
    </li>
  );
}

/** One agent on the Floor of a phone. */
export function PhoneTile({ entry }: { entry: RosterEntry }) {
  const { company, room, state } = useCompany();
  const model = useAnswering()(entry.model);
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
          <span className="doing">{about(entry, state && askOf(state, entry.agent))}</span>
          <span className="m-tile-foot">
            {entry.call && entry.status === "working" && <span className="bar" data-open />}
            {entry.run ? (
              <RunTime startedAt={entry.run.startedAt} />
            ) : (
              <span className="tile-model">{lastRunWords(entry, Date.now())}</span>
            )}
            {entry.run && <span className="tile-model">{shortModel(model)}</span>}
            <Stack people={watchers(entry, room.people)} />
          </span>
        </span>
      </Link>
    </li>
  );
}
