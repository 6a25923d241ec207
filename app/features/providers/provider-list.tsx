import { useQuery } from "@tanstack/react-query";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { providersQuery } from "./provider-api.ts";
import { ProviderRow } from "./provider-row.tsx";

/** Every provider of the company with how it stands. */
export function ProviderList() {
  const { company, role } = useCompany();
  const providers = useQuery(providersQuery(company.id));
  if (providers.isPending) return <LogSkeleton />;
  if (providers.isError) {
    return (
      <Note
        kind="fail"
        icon="warn"
        title="The providers could not be read"
        action={<Button onClick={() => void providers.refetch()}>Try again</Button>}
      >
        {sentence(providers.error)}
      </Note>
    );
  }
  const admin = atLeast(role, "admin");
  return (
    <section aria-labelledby="providers">
      <div className="sec-head">
        <h2 id="providers">Providers</h2>
        <span className="dim num">{providers.data.length}</span>
      </div>
      {providers.data.length === 0 ? (
        <EmptyState icon="bolt" title="No provider yet">
          {admin
            ? "Agents rehearse until there is one: paste a key below, or add a model of this machine."
            : "Agents rehearse until an admin adds a key."}
        </EmptyState>
      ) : (
        <ul className="rows providers">
          {providers.data.map((provider) => (
            <ProviderRow key={provider.id} provider={provider} admin={admin} />
          ))}
        </ul>
      )}
    </section>
  );
}
