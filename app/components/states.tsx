import { type ReactNode, useEffect, useState } from "react";
import { Icon, type IconName } from "./icon.tsx";

/** ms before a skeleton shows: a quick answer never flashes one */
const SKELETON_AFTER_MS = 150;

/** What will appear here, and one way to start. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2 className="font-strong">{title}</h2>
      <p>{children}</p>
      {action && <div className="btns">{action}</div>}
    </div>
  );
}

/** A strip above the content: what is the case, what goes on, what to do. */
export function Banner({
  kind = "idle",
  icon,
  children,
  action,
}: {
  kind?: "wait" | "idle";
  icon: IconName;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="banner" data-s={kind} role="status">
      <Icon name={icon} />
      <span className="grow">{children}</span>
      {action}
    </div>
  );
}

/** What happened, what was kept, what to do; the raw code last and small. */
export function Note({
  kind,
  icon,
  title,
  code,
  children,
  action,
}: {
  kind: "fail" | "idle";
  icon: IconName;
  title: string;
  code?: string | undefined;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <section className="note" data-s={kind}>
      <Icon name={icon} className={kind === "fail" ? "fail" : "dim"} />
      <div>
        <h2 className="font-strong">{title}</h2>
        {children && <p>{children}</p>}
        {code && (
          <p className="help">
            <code>{code}</code>
          </p>
        )}
        {action && <div className="btns">{action}</div>}
      </div>
    </section>
  );
}

/** Shows its children only when waiting has lasted long enough to be noticed. */
export function Late({ children }: { children: ReactNode }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return late ? children : null;
}

/** The shape of a floor of tiles, before the first snapshot. */
export function TilesSkeleton() {
  return (
    <Late>
      <ul className="tiles" aria-busy="true" aria-label="Loading agents">
        {["72px", "96px", "84px"].map((width) => (
          <li className="tile" key={width}>
            <div className="tile-top">
              <span className="sk sq" />
              <span className="sk-lines">
                <i className="sk" style={{ width }} />
                <i className="sk w-26" />
              </span>
            </div>
            <i className="sk mt-3.5 w-4/5" />
            <i className="sk thin" />
            <i className="sk mt-4 w-3/5" />
          </li>
        ))}
      </ul>
    </Late>
  );
}

/** The shape of a transcript. */
export function LogSkeleton() {
  return (
    <Late>
      <div className="sk-log" role="status" aria-busy="true" aria-label="Loading transcript">
        <i className="sk w-2/5" />
        <i className="sk w-11/12" />
        <i className="sk w-10/12" />
        <i className="sk row" />
        <i className="sk row" />
        <i className="sk w-3/5" />
      </div>
    </Late>
  );
}
