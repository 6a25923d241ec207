import type { ReactNode } from "react";
import { useEffect } from "react";
import { Stack } from "../../components/avatar.tsx";
import { Icon } from "../../components/icon.tsx";
import { usePhone } from "../../lib/layout.ts";
import type { RoomStatus } from "../../lib/room/status.ts";
import { useUnreadCount } from "../chats/chat-queries.ts";
import { FindButton } from "../search/search-host.tsx";
import { useCompany } from "./company-context.tsx";
import { CompanyMenu } from "./company-menu.tsx";
import { ConnectionPill } from "./connection-pill.tsx";
import { RoomBanner } from "./room-banner.tsx";
import { Tabbar } from "./tabbar.tsx";

export interface PageProps {
  /** the one h1 of the page, and the tab's title */
  title: string;
  /** what the company's room says this viewer looks at */
  place: string;
  /** left of the top bar on a desk, instead of the plain title; holds the h1 */
  heading?: ReactNode;
  /** the whole top bar of a phone, for screens that go deeper */
  phoneTop?: ReactNode;
  actions?: ReactNode;
  /** the room the screen stands on, when it is not the company's */
  status?: RoomStatus;
  onRetry?: () => void;
  children: ReactNode;
}

/** The frame of a screen in the workspace: top bar, connection, who is here; tab bar on a phone. */
export function Page({ title, place, heading, phoneTop, actions, status, onRetry, children }: PageProps) {
  const { room, company } = useCompany();
  const phone = usePhone();
  const { store } = room;
  const unread = useUnreadCount(company.id);
  const device = phone ? "phone" : "desktop";
  useEffect(() => store.present({ place, device }), [store, place, device]);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${title} - Atrium`;
  }, [title, unread]);
  const shown = status ?? room.status;
  const retry = (): void => {
    store.start();
    store.nudge();
    onRetry?.();
  };
  const banner = <RoomBanner status={shown} onRetry={retry} />;
  if (phone) {
    return (
      <div className="phone">
        {phoneTop ?? (
          <header className="m-top">
            <CompanyMenu
              current={company.id}
              withUser
              trigger={
                <button type="button" className="m-switch">
                  <span className="mark" aria-hidden="true">
                    {[...company.name][0]?.toUpperCase()}
                  </span>
                  <b>{company.name}</b>
                  <span className="vh">, switch company, theme and sign-out</span>
                  <Icon name="updown" className="dim" />
                </button>
              }
            />
            <h1 className="vh">{title}</h1>
            <span className="grow" />
            <ConnectionPill status={shown} />
            <Stack people={room.people} max={2} />
            <FindButton phone />
            {actions}
          </header>
        )}
        {banner}
        {children}
        <Tabbar />
      </div>
    );
  }
  return (
    <main className="main" aria-label={title}>
      <header className="topbar">
        <div className="crumbs">{heading ?? <h1>{title}</h1>}</div>
        <div className="topbar-end">
          {actions}
          <FindButton phone={false} />
          <span className="here">
            <Stack people={room.people} />
          </span>
          <ConnectionPill status={shown} />
        </div>
      </header>
      {banner}
      {children}
    </main>
  );
}
