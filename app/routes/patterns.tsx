import { LogSkeleton } from "../components/states.tsx";
import { PatternsList } from "../features/needs/patterns-list.tsx";
import { useCompany } from "../features/shell/company-context.tsx";
import { Page } from "../features/shell/page.tsx";
import { PATTERNS } from "../features/shell/places.ts";
import { SettingsNav } from "../features/shell/settings-nav.tsx";
import { usePhone } from "../lib/layout.ts";

/** What agents may do without asking again. */
export default function Patterns() {
  const { state } = useCompany();
  const phone = usePhone();
  const content = (
    <>
      <SettingsNav />
      <section aria-labelledby="patterns">
        <div className="sec-head">
          <h2 id="patterns">Remembered patterns</h2>
        </div>
        <p className="help">
          Calls that fit one of these are allowed at once, and everyone sees each of them. A pattern never covers a command with
          pipes, quotes or variables, nor one of the known programs that run other programs.
        </p>
        {state ? <PatternsList state={state} /> : <LogSkeleton />}
      </section>
    </>
  );
  return (
    <Page title="Remembered patterns" place={PATTERNS}>
      {phone ? <main className="m-body m-pad">{content}</main> : <div className="column">{content}</div>}
    </Page>
  );
}
