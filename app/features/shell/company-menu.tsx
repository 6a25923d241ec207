import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Menu, MenuHead, MenuLine, MenuRow } from "../../components/menu.tsx";
import { companiesQuery } from "../../lib/queries.ts";
import { UserRows } from "./user-menu.tsx";

function Mark({ name, current }: { name: string; current: boolean }) {
  return (
    <span className={current ? "mark" : "mark alt"} aria-hidden="true">
      {[...name][0]?.toUpperCase()}
    </span>
  );
}

/** Switches the company; on a phone it also holds the person's own rows, since there is no sidebar. */
export function CompanyMenu({
  current,
  trigger,
  withUser = false,
}: {
  current: string;
  trigger: ReactElement;
  withUser?: boolean;
}) {
  const navigate = useNavigate();
  const { data: companies = [] } = useQuery(companiesQuery);
  return (
    <Menu trigger={trigger}>
      <MenuHead>Companies</MenuHead>
      {companies.map((company) => (
        <MenuRow
          key={company.id}
          mark={<Mark name={company.name} current={company.id === current} />}
          label={company.name}
          checked={company.id === current}
          onSelect={() => void navigate({ to: "/c/$company", params: { company: company.id } })}
        />
      ))}
      <MenuLine />
      <MenuRow icon="plus" label="New company" onSelect={() => void navigate({ to: "/new-company" })} />
      <MenuRow icon="link" label="Join with an invite" onSelect={() => void navigate({ to: "/join" })} />
      {withUser && (
        <>
          <MenuLine />
          <UserRows />
        </>
      )}
    </Menu>
  );
}
