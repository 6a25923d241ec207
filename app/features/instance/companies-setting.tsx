import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Icon } from "../../components/icon.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { plural } from "../../lib/format.ts";
import { sentence } from "../../lib/queries.ts";
import { Setting } from "../account/settings-frame.tsx";
import { type CompanyRow, companyRowsQuery } from "./instance-api.ts";

/** Every company by name and size. What is in them is their members' own. */
export function CompaniesSetting() {
  const companies = useQuery(companyRowsQuery);
  return (
    <Setting title="Companies" about="Owning the instance opens none of them: only their members see inside.">
      {companies.isPending && <LogSkeleton />}
      {companies.isError && (
        <Note kind="fail" icon="warn" title="The companies could not be read">
          {sentence(companies.error)}
        </Note>
      )}
      <ul className="rows">
        {companies.data?.items.map((company) => (
          <Row key={company.id} company={company} />
        ))}
      </ul>
    </Setting>
  );
}

function Row({ company }: { company: CompanyRow }) {
  const { name, members, agents, owners, role } = company;
  const people = `${plural(members, "member", "members")}, ${plural(agents, "agent", "agents")}`;
  return (
    <li>
      <Icon name="layers" className="dim" />
      <span className="who">
        <b>{name}</b>
        <span>{owners === 0 ? `${people}, no owner who can sign in` : people}</span>
      </span>
      {role === null ? (
        <span className="dim row-hint">not a member</span>
      ) : (
        <Link className="btn small" to="/c/$company" params={{ company: company.id }} aria-label={`Open ${name}`}>
          Open
        </Link>
      )}
    </li>
  );
}
