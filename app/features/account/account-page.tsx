import type { ReactNode } from "react";
import { Icon } from "../../components/icon.tsx";
import { useTitle } from "../../lib/title.ts";

/** The frame of the screens before the workspace: a name, one question, one button. */
export function AccountPage({
  title,
  lede,
  children,
  foot,
}: {
  title: string;
  lede: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}) {
  useTitle(title);
  return (
    <main className="account">
      <div className="account-in">
        <p className="account-mark">
          <Icon name="logo" />
          Atrium
        </p>
        <h1 className="account-title">{title}</h1>
        <p className="account-lede">{lede}</p>
        {children}
        {foot && <p className="account-foot">{foot}</p>}
      </div>
    </main>
  );
}
