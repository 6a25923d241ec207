import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";
import { Icon } from "../../components/icon.tsx";
import { usePhoneDensity } from "../../lib/layout.ts";
import { meQuery } from "../../lib/queries.ts";
import { useTitle } from "../../lib/title.ts";

/** The frame of pages that belong to no company: the way back, a title, one column. */
export function SettingsFrame({ title, lede, children }: { title: string; lede: ReactNode; children: ReactNode }) {
  usePhoneDensity();
  useTitle(title);
  return (
    <div className="own-page">
      <header className="own-top">
        <Link to="/" className="own-back">
          <Icon name="left" />
          Back to work
        </Link>
        <nav className="own-nav" aria-label="Pages">
          <Link to="/account">Account</Link>
          <OwnerLink />
        </nav>
      </header>
      <main className="own-in">
        <h1 className="account-title">{title}</h1>
        <p className="account-lede">{lede}</p>
        {children}
      </main>
    </div>
  );
}

function OwnerLink() {
  const me = useQuery(meQuery);
  return me.data?.instanceOwner ? <Link to="/instance">Instance</Link> : null;
}

/** One subject of a page: what it is on the left, what to do about it on the right. */
export function Setting({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className="set" aria-labelledby={id}>
      <div className="set-about">
        <h2 id={id} className="font-strong">
          {title}
        </h2>
        {about && <p>{about}</p>}
      </div>
      <div className="set-body">{children}</div>
    </section>
  );
}
