import { Link } from "@tanstack/react-router";
import { useCompany } from "./company-context.tsx";

/** The pages of a company's settings, at the top of each of them: a phone has no sidebar. */
export function SettingsNav() {
  const { company } = useCompany();
  const params = { company: company.id };
  return (
    <nav className="settings-nav" aria-label="Settings">
      <Link to="/c/$company/settings/members" params={params}>
        Members
      </Link>
      <Link to="/c/$company/settings/models" params={params}>
        Models
      </Link>
      <Link to="/c/$company/settings/patterns" params={params}>
        Patterns
      </Link>
      <Link to="/c/$company/settings/notifications" params={params}>
        Notifications
      </Link>
    </nav>
  );
}
