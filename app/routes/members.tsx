import { atLeast } from "../../party/protocol/roles.ts";
import { Invites } from "../features/members/invites.tsx";
import { MemberList } from "../features/members/member-list.tsx";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { MEMBERS } from "../features/shell/places.ts";
import { SettingsNav } from "../features/shell/settings-nav.tsx";
import { usePhone } from "../lib/layout.ts";

/** Who is in the company, with which role, and how to let others in. */
export default function Members() {
  const { role } = useCompany();
  const phone = usePhone();
  const content = (
    <>
      <SettingsNav />
      <MemberList />
      {atLeast(role, "admin") && <Invites />}
    </>
  );
  return (
    <Page title="Members" place={MEMBERS}>
      {phone ? <main className="m-body m-pad">{content}</main> : <div className="column">{content}</div>}
    </Page>
  );
}
