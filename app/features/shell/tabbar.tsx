import { Link } from "@tanstack/react-router";
import { Icon } from "../../components/icon.tsx";
import { useUnreadCount } from "../chats/chat-queries.ts";
import { useMyNeeds } from "../needs/use-my-needs.ts";
import { useCompany } from "./company-context.tsx";

/** The places of the phone. */
export function Tabbar() {
  const { company } = useCompany();
  const needs = useMyNeeds();
  const unread = useUnreadCount(company.id);
  const params = { company: company.id };
  return (
    <nav className="tabbar" aria-label="Main">
      <Link to="/c/$company" params={params} activeOptions={{ exact: true }}>
        <Icon name="floor" />
        <span>Floor</span>
      </Link>
      <Link to="/c/$company/needs" params={params}>
        <span className="tab-ic">
          <Icon name="inbox" />
          {needs > 0 && <span className="count strong">{needs}</span>}
        </span>
        <span>Needs you</span>
      </Link>
      <Link to="/c/$company/chats" params={params}>
        <span className="tab-ic">
          <Icon name="chat" />
          {unread > 0 && (
            <span className="count">
              {unread}
              <span className="vh"> unread</span>
            </span>
          )}
        </span>
        <span>Chats</span>
      </Link>
      <Link to="/c/$company/agents" params={params}>
        <Icon name="agent" />
        <span>Agents</span>
      </Link>
      <Link to="/c/$company/files" params={params}>
        <Icon name="file" />
        <span>Library</span>
      </Link>
    </nav>
  );
}
