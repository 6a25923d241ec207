import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { EmptyState, LogSkeleton } from "../components/states.tsx";
import { useChatsRefresh } from "../features/chats/use-chats-refresh.ts";
import { SearchHost } from "../features/search/search-host.tsx";
import { useAppBadge } from "../features/shell/app-badge.ts";
import { CompanyProvider } from "../features/shell/company-context.tsx";
import { Sidebar } from "../features/shell/sidebar.tsx";
import type { Company, User } from "../lib/api.ts";
import { rememberCompany } from "../lib/last-company.ts";
import { usePhone, usePhoneDensity } from "../lib/layout.ts";
import { companiesQuery, meQuery } from "../lib/queries.ts";
import { useRoom } from "../lib/room/use-room.ts";

export default function CompanyLayout() {
  const { company: id } = useParams({ from: "/c/$company" });
  const me = useQuery(meQuery);
  const companies = useQuery(companiesQuery);
  usePhoneDensity();
  const company = companies.data?.find((one) => one.id === id);
  if (company && me.data) return <Inside key={id} company={company} me={me.data} />;
  if (companies.isPending || me.isPending) return <LogSkeleton />;
  // Who did not hear of any company was not told to be in none.
  if (companies.error && !companies.data) throw companies.error;
  return (
    <main className="center-page">
      <EmptyState
        icon="lock"
        title="You are not in this company"
        action={
          <Link className="btn primary" to="/">
            Go to my companies
          </Link>
        }
      >
        It was removed, or someone took you off its members. Ask for a new invite.
      </EmptyState>
    </main>
  );
}

function Inside({ company, me }: { company: Company; me: User }) {
  const room = useRoom("company", company.id);
  const phone = usePhone();
  const client = useQueryClient();
  useChatsRefresh(company.id, room);
  const role = room.you?.role;
  const refused = room.status.kind === "refused";
  useEffect(() => rememberCompany(company.id), [company.id]);
  useEffect(() => {
    // The room hears of a change of rights first; the records follow.
    if (refused || (role && role !== company.role)) void client.invalidateQueries(companiesQuery);
  }, [refused, role, company.role, client]);
  return (
    <CompanyProvider company={company} me={me} room={room}>
      <Badge />
      <SearchHost>
        {phone ? (
          <Outlet />
        ) : (
          <div className="app">
            <Sidebar />
            <Outlet />
          </div>
        )}
      </SearchHost>
    </CompanyProvider>
  );
}

function Badge() {
  useAppBadge();
  return null;
}
