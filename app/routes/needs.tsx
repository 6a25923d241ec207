import { LogSkeleton } from "../components/states.tsx";
import { NeedsList } from "../features/needs/needs-list.tsx";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { NEEDS } from "../features/shell/places.ts";
import { usePhone } from "../lib/layout.ts";

/** Everything that needs a person, as a page of its own on a phone. */
export default function Needs() {
  const { state } = useCompany();
  const phone = usePhone();
  const list = state ? <NeedsList state={state} keys /> : <LogSkeleton />;
  return (
    <Page title="Needs you" place={NEEDS}>
      {phone ? <main className="m-body">{list}</main> : <div className="column">{list}</div>}
    </Page>
  );
}
