import { PushDevices } from "../features/notifications/push-devices.tsx";
import { RulesForm } from "../features/notifications/rules-form.tsx";
import { Page } from "../features/shell/page.tsx";
import { NOTIFICATIONS } from "../features/shell/places.ts";
import { SettingsNav } from "../features/shell/settings-nav.tsx";
import { usePhone } from "../lib/layout.ts";

/** How Atrium reaches a person who is not looking at it. */
export default function Notifications() {
  const phone = usePhone();
  const content = (
    <>
      <SettingsNav />
      <PushDevices />
      <section aria-labelledby="rules">
        <div className="sec-head">
          <h2 id="rules">What you are told of</h2>
        </div>
        <RulesForm />
      </section>
    </>
  );
  return (
    <Page title="Notifications" place={NOTIFICATIONS}>
      {phone ? <main className="m-body m-pad">{content}</main> : <div className="column">{content}</div>}
    </Page>
  );
}
