import { Link } from "@tanstack/react-router";
import type { Approval, Question } from "../../../party/protocol/company.ts";
import { AgentAvatar } from "../../components/avatar.tsx";
import { Icon } from "../../components/icon.tsx";
import { useNow } from "../../lib/clock.ts";
import { ago, plural, until } from "../../lib/format.ts";
import { usePhone } from "../../lib/layout.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useWholeText } from "../shell/whole-text.tsx";
import { AnswerForm } from "./answer-form.tsx";
import { riskWords, voters } from "./approval-words.ts";
import { CallArgs, whyNotRead } from "./call-args.tsx";
import { DecisionButtons } from "./decision-buttons.tsx";
import type { Need } from "./needs.ts";
import { whyNotDecide } from "./rights.ts";
import type { Decide } from "./use-decide.ts";

/** One need in the rail: a line while closed, the whole ask with its buttons while open. */
export function NeedCard({
  need,
  open,
  onOpen,
  decide,
  keys,
  replaced,
  onceOnly = false,
}: {
  need: Need;
  open: boolean;
  onOpen: () => void;
  decide: Decide;
  keys: boolean;
  /** open because the one before it was settled, not because someone chose it */
  replaced: boolean;
  /** an allow counts for this call alone */
  onceOnly?: boolean;
}) {
  const { room } = useCompany();
  const now = useNow() + room.clockOffsetMs;
  const what = need.kind === "approval" ? need.approval : need.question;
  const ask = need.kind === "approval" ? need.approval.question : need.question.text;
  return (
    <li className="need" data-open={open || undefined}>
      <div className="need-top">
        <AgentAvatar name={what.agentName} size="sm" />
        <b>{what.agentName}</b>
        <time dateTime={need.at}>{ago(need.at, now)}</time>
      </div>
      {open ? (
        <p className="need-ask">{ask}</p>
      ) : (
        <button type="button" className="need-ask need-opener" aria-expanded={false} onClick={onOpen}>
          {ask}
        </button>
      )}
      {!open && (
        <p className="need-meta">
          <Icon name="layers" />
          Holds {plural(need.held, "run", "runs")}
          <span className="sep" />
          {need.kind === "approval" ? riskWords(need.approval.risk) : "A question"}
        </p>
      )}
      {open && need.kind === "approval" && (
        <OpenApproval
          approval={need.approval}
          held={need.held}
          decide={decide}
          keys={keys}
          replaced={replaced}
          onceOnly={onceOnly}
          now={now}
        />
      )}
      {open && need.kind === "question" && <OpenQuestion question={need.question} held={need.held} decide={decide} />}
    </li>
  );
}

function OpenApproval({
  approval,
  held,
  decide,
  keys,
  replaced,
  onceOnly,
  now,
}: {
  approval: Approval;
  held: number;
  decide: Decide;
  keys: boolean;
  replaced: boolean;
  onceOnly: boolean;
  now: number;
}) {
  const { company, me, role, state } = useCompany();
  const phone = usePhone();
  const whole = useWholeText(approval.input, { kind: "approval", id: approval.id }, true);
  const why = { allow: whyNotRead(whole), ...whyNotDecide(approval, { id: me.id, role }, state?.config) };
  return (
    <>
      <CallArgs call={approval} whole={whole} framed />
      <ApprovalFacts approval={approval} held={held} now={now} />
      <DecisionButtons
        approval={approval}
        decide={decide}
        why={why}
        keys={keys}
        thumb={phone}
        replaced={replaced}
        onceOnly={onceOnly}
      >
        <Link
          className="btn ghost"
          to="/c/$company/agents/$agent/runs/$run"
          params={{ company: company.id, agent: approval.agent, run: approval.run }}
        >
          Open
        </Link>
      </DecisionButtons>
    </>
  );
}

/** What a decision costs and what it holds up. */
export function ApprovalFacts({ approval, held, now }: { approval: Approval; held: number; now: number }) {
  const allowed = voters(approval.votes, "allow", "edit");
  return (
    <dl className="facts">
      <div>
        <dt>Risk</dt>
        <dd>{riskWords(approval.risk)}</dd>
      </div>
      {approval.note && (
        <div>
          <dt>Note</dt>
          <dd className="facts-note">
            <Icon name="shield" />
            {approval.note}
          </dd>
        </div>
      )}
      <div>
        <dt>Holds</dt>
        <dd>
          <Icon name="layers" />
          {plural(held, "run", "runs")}
        </dd>
      </div>
      {approval.need > 1 && (
        <div>
          <dt>Quorum</dt>
          <dd>
            {approval.votes.length} of {approval.need}
            {allowed && `, ${allowed} allowed`}
          </dd>
        </div>
      )}
      <div>
        <dt>Expires</dt>
        <dd className="num">in {until(approval.expiresAt, now)}</dd>
      </div>
    </dl>
  );
}

function OpenQuestion({ question, held, decide }: { question: Question; held: number; decide: Decide }) {
  const { company, role } = useCompany();
  return (
    <>
      <p className="need-meta">
        <Icon name="layers" />
        Holds {plural(held, "run", "runs")}
        <span className="sep" />
        <Link to="/c/$company/agents/$agent/runs/$run" params={{ company: company.id, agent: question.agent, run: question.run }}>
          {question.runTitle}
        </Link>
      </p>
      <AnswerForm
        question={question.id}
        options={question.options}
        answer={decide.answer}
        why={role === "viewer" ? "Viewers see; members answer" : undefined}
      />
    </>
  );
}
