import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import { whyNoPatternFor, whyOnlyOnce } from "../../../party/protocol/consent/cover.ts";
import type { CallPattern, Remember } from "../../../party/protocol/consent/schema.ts";
import { patternWords, suggestPatterns } from "../../../party/protocol/consent/suggest.ts";
import { Button } from "../../components/button.tsx";
import { SelectField } from "../../components/field.tsx";
import { plural, when } from "../../lib/format.ts";
import { inlineOf } from "../../lib/long-text.ts";
import { sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { needsApi } from "./needs-api.ts";
import type { Decide } from "./use-decide.ts";

type Choice = { id: string; words: string; help: string; pattern: CallPattern | null };
const SCOPES = [
  { value: "run", label: "In this run" },
  { value: "1", label: "For a day" },
  { value: "7", label: "For 7 days" },
  { value: "30", label: "For 30 days" },
  { value: "90", label: "For 90 days" },
] as const;
type Scope = (typeof SCOPES)[number]["value"];

/** The calls an allow may count for, the narrowest first, and what each would have spared. */
export default function RememberForm({
  approval,
  decide,
  onClose,
  graceMs,
}: {
  approval: Approval;
  decide: Decide;
  onClose: () => void;
  graceMs: number | undefined;
}) {
  const { state } = useCompany();
  const group = useId();
  const call = { tool: approval.tool, cwd: approval.cwd, input: inlineOf(approval.input) };
  const never = whyOnlyOnce(approval, state?.config);
  const choices = choicesFor(approval, suggestPatterns(call, approval.risk));
  const [chosen, setChosen] = useState(choices[0]?.id);
  const [scope, setScope] = useState<Scope>("run");
  const choice = choices.find((one) => one.id === chosen);
  const sending = decide.sending[approval.id] !== undefined;
  if (never) return <p className="dialog-text">{never}</p>;
  const wide = choice?.pattern === null;
  const how: Remember | undefined =
    choice &&
    (choice.pattern === null
      ? "run"
      : scope === "run"
        ? { pattern: choice.pattern, scope }
        : { pattern: choice.pattern, days: Number(scope) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (how) void decide.decide(approval, "allow", { remember: how, graceMs }).then((done) => done && onClose());
  };
  const why = whyNoPatternFor(call, approval.risk);
  return (
    <form onSubmit={submit}>
      <fieldset className="choices">
        <legend className="lab">Which calls of {approval.tool}</legend>
        {choices.map((one) => (
          <label key={one.id} className="choice">
            <input type="radio" name={group} checked={one.id === chosen} onChange={() => setChosen(one.id)} />
            <span className="choice-dot" aria-hidden="true" />
            <span>
              <code>{showHidden(one.words)}</code>
              <span className="dim">{one.help}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {why && <p className="help">{why}</p>}
      <SelectField
        label="How long"
        value={wide ? "run" : scope}
        options={wide ? SCOPES.slice(0, 1) : SCOPES}
        onChange={setScope}
        help={wide ? "Every call of a tool can be allowed for one run only." : undefined}
      />
      {choice?.pattern && <CoverageView approval={approval} pattern={choice.pattern} />}
      <div className="btns dialog-foot">
        <Button onClick={onClose}>Back</Button>
        <Button kind="primary" type="submit" busy={sending} disabledBecause={how ? undefined : "Choose which calls"}>
          Allow {wide ? "every call" : "these calls"}
        </Button>
      </div>
    </form>
  );
}

function choicesFor(approval: Approval, patterns: readonly CallPattern[]): Choice[] {
  const kinds = patterns.map((pattern, i): Choice => {
    const words = patternWords(pattern);
    return { id: words, words, help: i === 0 ? "exactly this" : "what begins like this", pattern };
  });
  return [...kinds, { id: "every", words: `Every ${approval.tool} call`, help: "whatever it does", pattern: null }];
}

/** What of the last 30 days would not have been asked. */
function CoverageView({ approval, pattern }: { approval: Approval; pattern: CallPattern }) {
  const { company } = useCompany();
  const { data, error } = useQuery({
    queryKey: ["coverage", company.id, approval.id, JSON.stringify(pattern)],
    queryFn: () => needsApi.coverage(company.id, approval.id, pattern),
    placeholderData: keepPreviousData,
  });
  const now = Date.now();
  return (
    <section className="coverage" aria-label="What it would have covered" aria-busy={!data && !error}>
      {error && <p className="help bad">What it would have covered cannot be shown: {sentence(error)}</p>}
      {data?.asked === 0 && (
        <p className="help">
          {approval.agentName} asked for nothing else with {approval.tool} in 30 days.
        </p>
      )}
      {data !== undefined && data.asked > 0 && (
        <p className="help" role="status">
          In the last 30 days it would have covered <b className="num">{data.covered}</b> of{" "}
          {plural(data.asked, "other call", "other calls")}
          {data.more && ", and maybe older ones"}.
        </p>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ul>
          {data.items.map((item) => (
            <li key={item.id}>
              <code>{showHidden(item.call)}</code>
              <span className="dim">
                {item.state === "denied" ? "denied, " : ""}
                {when(item.createdAt, now)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
