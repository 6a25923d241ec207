import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { CompanyState } from "../../../party/protocol/company.ts";
import type { RememberedPattern } from "../../../party/protocol/consent/schema.ts";
import { patternWords } from "../../../party/protocol/consent/suggest.ts";
import { atLeast } from "../../../party/protocol/roles.ts";
import { AgentAvatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/states.tsx";
import { toast } from "../../components/toast.tsx";
import { useNow } from "../../lib/clock.ts";
import { ago, plural, until, when } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";

/** What agents may do again unasked: who allowed it, until when, how often it was used; and the end of it. */
export function PatternsList({ state }: { state: CompanyState }) {
  const patterns = Object.values(state.patterns).sort((a, b) => (a.id < b.id ? 1 : -1));
  if (patterns.length === 0) {
    return (
      <EmptyState icon="shield" title="Nothing is remembered">
        Agents ask before each call that needs consent. On an approval, “Allow and remember” makes a pattern, and it shows here.
      </EmptyState>
    );
  }
  return (
    <ul className="rows patterns" aria-label="Remembered patterns">
      {patterns.map((pattern) => (
        <PatternRow key={pattern.id} pattern={pattern} />
      ))}
    </ul>
  );
}

function PatternRow({ pattern }: { pattern: RememberedPattern }) {
  const { company, role, room } = useCompany();
  const now = useNow() + room.clockOffsetMs;
  const [busy, setBusy] = useState(false);
  const { id, agent, agentName, tool, by, at, scope, uses, lastUsedAt, approval } = pattern;
  const words = pattern.pattern === null ? `Every ${tool} call` : patternWords(pattern.pattern);
  const revoke = async (): Promise<void> => {
    setBusy(true);
    try {
      await room.store.command({ type: "pattern.revoke", pattern: id });
      toast("done", `${agentName} asks again before ${words}.`);
    } catch (error) {
      toast("fail", sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li>
      <AgentAvatar name={agentName} />
      <span className="who">
        <span>
          <code>{showHidden(words)}</code> <span className="dim">{tool}</span>
        </span>
        <span className="dim">
          <Link to="/c/$company/agents/$agent" params={{ company: company.id, agent }}>
            {agentName}
          </Link>
          {scope.kind === "run" ? (
            <>
              {", in "}
              <Link to="/c/$company/agents/$agent/runs/$run" params={{ company: company.id, agent, run: scope.run }}>
                {scope.runTitle}
              </Link>
            </>
          ) : (
            <>, {until(scope.expiresAt, now)} left</>
          )}
          {". "}
          <Link to="/c/$company/needs" params={{ company: company.id }} search={{ card: approval }}>
            {firstName(by.name)} allowed it
          </Link>{" "}
          <time dateTime={at}>{when(at, now)}</time>.
        </span>
      </span>
      <span className="dim num row-hint">
        {uses === 0 ? "not used yet" : `used ${plural(uses, "time", "times")}`}
        {lastUsedAt && `, ${ago(lastUsedAt, now) === "now" ? "just now" : `${ago(lastUsedAt, now)} ago`}`}
      </span>
      <Button
        small
        busy={busy}
        onClick={() => void revoke()}
        aria-label={`Revoke ${words}`}
        disabledBecause={atLeast(role, "operator") ? undefined : "Revoking needs the role operator"}
      >
        Revoke
      </Button>
    </li>
  );
}
