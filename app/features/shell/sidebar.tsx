import { Link } from "@tanstack/react-router";
import type { RosterEntry } from "../../../party/protocol/company.ts";
import { Avatar, Stack } from "../../components/avatar.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { statusIcon } from "../../components/status.tsx";
import { useUnreadCount } from "../chats/chat-queries.ts";
import { agentStatus, byName } from "../floor/roster.ts";
import { roleName } from "../members/roles.ts";
import { useMyNeeds } from "../needs/use-my-needs.ts";
import { useCompany } from "./company-context.tsx";
import { CompanyMenu } from "./company-menu.tsx";
import { placeOfAgent } from "./places.ts";
import { UserMenu } from "./user-menu.tsx";

/** Rooms listed in the sidebar; all of them are on the Floor and under Agents. */
const LISTED_ROOMS = 12;

function NavIcon({ name, tone = "" }: { name: IconName; tone?: string }) {
  return <Icon name={name} className={tone} />;
}

export function Sidebar() {
  const { company, me, role, state } = useCompany();
  const needs = useMyNeeds();
  const unread = useUnreadCount(company.id);
  const rooms = Object.values(state?.roster ?? {})
    .filter((entry) => entry.status !== "retired")
    .sort(byName)
    .slice(0, LISTED_ROOMS);
  return (
    <nav className="sidebar" aria-label="Workspace">
      <CompanyMenu
        current={company.id}
        trigger={
          <button type="button" className="switcher">
            <span className="mark" aria-hidden="true">
              {[...company.name][0]?.toUpperCase()}
            </span>
            <span className="switcher-name">{state?.config?.name ?? company.name}</span>
            <span className="vh">, switch company</span>
            <Icon name="updown" className="dim" />
          </button>
        }
      />
      <ul className="nav">
        <li>
          <Link className="nav-item" to="/c/$company" params={{ company: company.id }} activeOptions={{ exact: true }}>
            <NavIcon name="floor" />
            <span>Floor</span>
          </Link>
        </li>
        <li>
          <Link className="nav-item" to="/c/$company/needs" params={{ company: company.id }}>
            <NavIcon name="inbox" />
            <span>Needs you</span>
            {needs > 0 && (
              <span className="count strong">
                <span className="vh">, </span>
                {needs}
                <span className="vh"> waiting for a person</span>
              </span>
            )}
          </Link>
        </li>
        <li>
          <Link className="nav-item" to="/c/$company/chats" params={{ company: company.id }}>
            <NavIcon name="chat" />
            <span>Conversations</span>
            {unread > 0 && (
              <span className="count">
                <span className="vh">, </span>
                {unread}
                <span className="vh"> unread</span>
              </span>
            )}
          </Link>
        </li>
        <li>
          <Link className="nav-item" to="/c/$company/runs" params={{ company: company.id }}>
            <NavIcon name="layers" />
            <span>Runs</span>
          </Link>
        </li>
        <li>
          <Link className="nav-item" to="/c/$company/agents" params={{ company: company.id }} activeOptions={{ exact: true }}>
            <NavIcon name="agent" />
            <span>Agents</span>
          </Link>
        </li>
        <li>
          <Link className="nav-item" to="/c/$company/files" params={{ company: company.id }}>
            <NavIcon name="file" />
            <span>Library</span>
          </Link>
        </li>
      </ul>
      <h2 className="nav-head" id="rooms">
        Rooms
      </h2>
      <ul className="nav" aria-labelledby="rooms">
        {rooms.map((entry) => (
          <RoomLink key={entry.agent} entry={entry} />
        ))}
      </ul>
      <div className="nav-foot">
        <Link className="nav-item" to="/c/$company/settings" params={{ company: company.id }}>
          <NavIcon name="settings" />
          <span>Settings</span>
        </Link>
        <UserMenu
          trigger={
            <button type="button" className="nav-item">
              <Avatar person={me} size="sm" decorative />
              <span className="text-left">{me.name}</span>
              <span className="meta">{roleName(role)}</span>
              <span className="vh">, theme and sign-out</span>
            </button>
          }
        />
      </div>
    </nav>
  );
}

function RoomLink({ entry }: { entry: RosterEntry }) {
  const { company, room } = useCompany();
  const status = agentStatus(entry);
  const here = room.people.filter((person) => person.place === placeOfAgent(entry.agent));
  const tone = status.kind === "live" || status.kind === "wait" || status.kind === "fail" ? status.kind : "";
  return (
    <li>
      <Link className="nav-item" to="/c/$company/agents/$agent" params={{ company: company.id, agent: entry.agent }}>
        <NavIcon name={statusIcon(status.kind)} tone={tone} />
        <span>
          {entry.name}
          <span className="vh">, {status.word}</span>
        </span>
        <Stack people={here} max={2} small />
      </Link>
    </li>
  );
}
