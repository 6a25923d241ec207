import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { companiesQuery } from "../../lib/queries.ts";
import { useUserEntries } from "./user-menu.tsx";

function Mark({ name, current }: { name: string; current: boolean }) {
  return (
    <span className={current ? "mark" : "mark alt"} aria-hidden="true">
      {[...name][0]?.toUpperCase()}
    </span>
  );
}

/** Switches the company; on a phone it also holds the person's own lines, since there is no sidebar. */
export function CompanyMenu({
  current,
  trigger,
  withUser = false,
}: {
  current: string;
  trigger: ComponentProps<typeof Menu>["trigger"];
  withUser?: boolean;
}) {
  const navigate = useNavigate();
  const { data: companies = [] } = useQuery(companiesQuery);
  const own = useUserEntries();
  const entries: MenuEntry[] = [
    { kind: "head", id: "companies", text: "Companies" },
    ...companies.map(
      ({ id, name }): MenuEntry => ({
        kind: "action",
        id,
        mark: <Mark name={name} current={id === current} />,
        label: name,
        checked: id === current,
        onSelect: () => void navigate({ to: "/c/$company", params: { company: id } }),
      }),
    ),
    { kind: "line", id: "after-companies" },
    // A phone has no sidebar, and its bar has room for five.
    ...(withUser
      ? [
          {
            kind: "action" as const,
            id: "runs",
            icon: "layers" as const,
            label: "Runs",
            onSelect: () => void navigate({ to: "/c/$company/runs", params: { company: current } }),
          },
          {
            kind: "action" as const,
            id: "settings",
            icon: "settings" as const,
            label: "Settings",
            onSelect: () => void navigate({ to: "/c/$company/settings", params: { company: current } }),
          },
        ]
      : []),
    { kind: "action", id: "new", icon: "plus", label: "New company", onSelect: () => void navigate({ to: "/new-company" }) },
    { kind: "action", id: "join", icon: "link", label: "Join with an invite", onSelect: () => void navigate({ to: "/join" }) },
  ];
  return <Menu trigger={trigger} entries={withUser ? [...entries, { kind: "line", id: "before-own" }, ...own] : entries} />;
}
