import { atLeast } from "../../party/protocol/roles.ts";
import { AddProvider } from "../features/providers/add-provider.tsx";
import { LocalOffers } from "../features/providers/local-offers.tsx";
import { ProviderList } from "../features/providers/provider-list.tsx";
import { RehearsingAgents } from "../features/providers/rehearsing-agents.tsx";
import { TiersEditor } from "../features/providers/tiers-editor.tsx";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { MODELS } from "../features/shell/places.ts";
import { SettingsNav } from "../features/shell/settings-nav.tsx";
import { usePhone } from "../lib/layout.ts";

/** Keys of model providers, what the tiers mean, and who still rehearses. */
export default function Models() {
  const { role } = useCompany();
  const phone = usePhone();
  const admin = atLeast(role, "admin");
  const content = (
    <>
      <SettingsNav />
      <ProviderList />
      {admin && <AddProvider />}
      {admin && <RehearsingAgents />}
      <TiersEditor />
      {admin && <LocalOffers />}
      {!admin && <p className="help">Admins of the company add keys and change the tiers.</p>}
    </>
  );
  return (
    <Page title="Models" place={MODELS}>
      {phone ? <main className="m-body m-pad">{content}</main> : <div className="column">{content}</div>}
    </Page>
  );
}
