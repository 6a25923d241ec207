import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { assertNever } from "../../../party/protocol/assert.ts";
import type { Approval, CompanyState, Question } from "../../../party/protocol/company.ts";
import { isOpenApproval } from "../../../party/protocol/company-state.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { statusIcon } from "../../components/status.tsx";
import { ago, when } from "../../lib/format.ts";
import { ApiError } from "../../lib/http.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useWholeText } from "../shell/whole-text.tsx";
import { AnswerForm } from "./answer-form.tsx";
import { ApprovalDetail } from "./approval-detail.tsx";
import { endingOf } from "./approval-words.ts";
import { CallArgs, whyNotRead } from "./call-args.tsx";
import { Card, FromRun } from "./card.tsx";
import { DecisionButtons } from "./decision-buttons.tsx";
import { needById } from "./needs.ts";
import { needsApi } from "./needs-api.ts";
import { whyNotDecide } from "./rights.ts";
import { askWords, type TriageItem } from "./triage.ts";
import { useDecidePrivately } from "./use-decide-privately.ts";
import type { Triage } from "./use-triage.ts";

/** The open card: everything to weigh, and what can be done; also what became of something that was settled. */
export function TriageDetail({ state, triage, phone }: { state: CompanyState; triage: Triage; phone: boolean }) {
  const { card, item } = triage;
  if (item) return <OpenItem key={item.id} item={item} triage={triage} phone={phone} />;
  if (card === undefined) return null;
  const settled = needById(state, card);
  if (settled?.kind === "approval") return <SettledApproval approval={settled.approval} />;
  if (settled?.kind === "question") return <SettledQuestion question={settled.question} />;
  return <Elsewhere card={card} phone={phone} />;
}

function OpenItem({ item, triage, phone }: { item: TriageItem; triage: Triage; phone: boolean }) {
  switch (item.kind) {
    case "approval":
      return <ApprovalDetail approval={item.approval} held={item.held} triage={triage} phone={phone} />;
    case "question":
      return <QuestionDetail question={item.question} triage={triage} />;
    case "run":
      return <FailedRun item={item} triage={triage} />;
    case "agent":
      return <PausedAgent item={item} triage={triage} />;
    default:
      return assertNever(item);
  }
}

function QuestionDetail({ question, triage }: { question: Question; triage: Triage }) {
  const { role } = useCompany();
  return (
    <Card agentName={question.agentName} title={question.text} below={<FromRun {...question} title={question.runTitle} />}>
      <p className="dim mt">
        {question.agentName} waits for an answer since {ago(question.createdAt, triage.now)}. It goes on with what you say.
      </p>
      <AnswerForm
        question={question.id}
        options={question.options}
        answer={triage.decide.answer}
        why={role === "viewer" ? "Viewers see; members answer" : undefined}
      />
    </Card>
  );
}

function FailedRun({ item, triage }: { item: Extract<TriageItem, { kind: "run" }>; triage: Triage }) {
  const { company, role } = useCompany();
  const navigate = useNavigate();
  const { entry } = item;
  const again = useMutation({
    mutationFn: () => needsApi.askAgain(company.id, entry.agent, item.id),
    onSuccess: (run) =>
      navigate({ to: "/c/$company/agents/$agent/runs/$run", params: { company: company.id, agent: entry.agent, run } }),
  });
  return (
    <Card
      agentName={entry.name}
      title={askWords(item)}
      below={<FromRun agent={entry.agent} agentName={entry.name} run={item.id} title={item.title} />}
      foot={
        <>
          <span className="grow" />
          <Button
            kind="primary"
            icon="play"
            busy={again.isPending}
            onClick={() => again.mutate()}
            disabledBecause={role === "viewer" ? "Viewers see; members ask agents to work" : undefined}
          >
            Ask it again
          </Button>
        </>
      }
    >
      <Note kind="fail" icon="st-fail" title={entry.doing || "The run failed"}>
        It ended {ago(item.at, triage.now)} ago; what it had done is kept. Asking again begins a new run with the same words.
      </Note>
      {again.error && <p className="help bad">{sentence(again.error)}</p>}
    </Card>
  );
}

function PausedAgent({ item, triage }: { item: Extract<TriageItem, { kind: "agent" }>; triage: Triage }) {
  const { company, role } = useCompany();
  const { entry } = item;
  const may = role === "viewer" || role === "member" ? "Resuming an agent needs the role operator" : undefined;
  return (
    <Card
      agentName={entry.name}
      title={askWords(item)}
      below={
        <Link to="/c/$company/agents/$agent" params={{ company: company.id, agent: entry.agent }}>
          {entry.name}
        </Link>
      }
      foot={
        <>
          <span className="grow" />
          <Button
            kind="primary"
            icon="play"
            disabledBecause={may}
            onClick={() => void triage.attempt(() => needsApi.resume(company.id, entry.agent))}
          >
            Resume {entry.name}
          </Button>
        </>
      }
    >
      <Note kind="idle" icon="pause" title={entry.paused?.note ?? "It was paused"}>
        {entry.queued > 0 ? `It holds ${entry.queued} waiting.` : "Nothing waits behind it."} While it is paused it takes no work.
      </Note>
    </Card>
  );
}

function SettledApproval({ approval }: { approval: Approval }) {
  const { room, me } = useCompany();
  const now = Date.now() + room.clockOffsetMs;
  const whole = useWholeText(approval.input, { kind: "approval", id: approval.id }, true);
  const ending = endingOf(approval.state, approval.votes, approval.pattern !== undefined);
  const mine = approval.votes.at(-1)?.by.id === me.id;
  return (
    <Card
      agentName={approval.agentName}
      title={approval.question}
      below={<FromRun {...approval} title={approval.runTitle} />}
      aside={
        approval.decidedAt && (
          <time className="dim num" dateTime={approval.decidedAt} title={when(approval.decidedAt, now)}>
            {ago(approval.decidedAt, now) === "now" ? "just now" : `${ago(approval.decidedAt, now)} ago`}
          </time>
        )
      }
    >
      {ending && (
        <p className="detail-end" role="status">
          <Icon name={statusIcon(ending.kind)} className={ending.kind} />
          <span>
            <b>{ending.text}</b>
            {mine && approval.pattern === undefined && <span className="dim"> That was you.</span>}
            {ending.note && <q>{ending.note}</q>}
          </span>
        </p>
      )}
      <h3>What exactly was asked</h3>
      <CallArgs call={approval} whole={whole} framed />
    </Card>
  );
}

function SettledQuestion({ question }: { question: Question }) {
  const { answer } = question;
  return (
    <Card agentName={question.agentName} title={question.text} below={<FromRun {...question} title={question.runTitle} />}>
      <p className="detail-end" role="status">
        <Icon name={statusIcon(answer ? "done" : "idle")} className={answer ? "done" : "dim"} />
        <span>
          <b>{answer ? `${answer.by.name} answered` : "Nobody answered; its run has ended"}</b>
          {answer && <q>{answer.value}</q>}
        </span>
      </p>
    </Card>
  );
}

/** ms between two looks at an approval that no room shows here */
const LOOK_MS = 3_000;

/** A card that the company's room does not hold: settled long ago, or asked in a private conversation. */
function Elsewhere({ card, phone }: { card: string; phone: boolean }) {
  const { company } = useCompany();
  const { data, error, isPending } = useQuery({
    queryKey: ["approval", company.id, card],
    queryFn: () => needsApi.approval(company.id, card),
    refetchInterval: (query) => (query.state.data && isOpenApproval(query.state.data) ? LOOK_MS : false),
  });
  if (isPending) return <LogSkeleton />;
  if (data)
    return data.state === "pending" ? <PrivateApproval approval={data} phone={phone} /> : <SettledApproval approval={data} />;
  const gone = error instanceof ApiError && error.status === 404;
  return (
    <div className="detail-none">
      <Note kind="idle" icon="inbox" title={gone ? "This is not here any more" : "This could not be read"}>
        {gone ? "It was settled a while ago, or you may not see it." : sentence(error)}
      </Note>
    </div>
  );
}

/** An ask of a private conversation: only its people see it, and an allow counts for this call alone. */
function PrivateApproval({ approval, phone }: { approval: Approval; phone: boolean }) {
  const { me, role, state } = useCompany();
  const decide = useDecidePrivately();
  const whole = useWholeText(approval.input, { kind: "approval", id: approval.id }, true);
  const why = { allow: whyNotRead(whole), ...whyNotDecide(approval, { id: me.id, role }, state?.config) };
  return (
    <Card agentName={approval.agentName} title={approval.question} below={`${approval.agentName}, in a private conversation`}>
      <h3>What exactly runs</h3>
      <CallArgs call={approval} whole={whole} framed />
      <DecisionButtons approval={approval} decide={decide} why={why} keys thumb={phone} onceOnly />
    </Card>
  );
}
