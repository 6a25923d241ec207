import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Banner } from "../../components/states.tsx";
import { useCompany } from "../shell/company-context.tsx";
import { readyQuery } from "./provider-api.ts";

/** On the Floor while only the rehearsal model is there. */
export function RehearsalBanner() {
  const { company, role } = useCompany();
  const ready = useQuery(readyQuery(company.id));
  if (ready.data !== false) return null;
  const admin = atLeast(role, "admin");
  return (
    <Banner
      icon="beaker"
      action={
        admin && (
          <Link className="btn" to="/c/$company/settings/models" params={{ company: company.id }}>
            Add a key
          </Link>
        )
      }
    >
      Agents rehearse until a key is added: they follow a script instead of thinking.
      {!admin && " Ask an admin to add one."}
    </Banner>
  );
}
