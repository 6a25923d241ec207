import { Link } from "@tanstack/react-router";
import type { Approval, CompanyState } from "../../../party/protocol/company.ts";
import { Icon } from "../../components/icon.tsx";
import { statusIcon } from "../../components/status.tsx";
import { useNow } from "../../lib/clock.ts";
import { clock, until } from "../../lib/format.ts";
import { usePhone } from "../../lib/layout.ts";
import { type Ending, endingOf, riskWords } from "../needs/approval-words.ts";
import { CallArgs, whyNotRead } from "../needs/call-args.tsx";
import { DecisionButtons } from "../needs/decision-buttons.tsx";
import { whyNotDecide } from "../needs/rights.ts";
import { useDecide } from "../needs/use-decide.ts";
import { VoteLine } from "../needs/vote-line.tsx";
import { usePast } from "../replay/past.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useWholeText } from "../shell/whole-text.tsx";
import { useLane } from "./lane.ts";
import type { GateRow } from "./rows.ts";

/** Consent in the transcript: buttons while it waits, a line that says who decided afterwards. */
export function GateView({ gate, run }: { gate: GateRow; run: string }) {
  const { state } = useCompany();
  const past = usePast();
  const approval = past ? undefined : state?.approvals[gate.approval];
  if (approval?.state === "pending" && !gate.decision && !gate.brokenOffAt) return <OpenGate approval={approval} />;
  const settled = approval && approval.state !== "pending" ? approval : undefined;
  const ending = settled ? endingOf(settled.state, settled.votes, settled.pattern !== undefined) : endingOfRow(gate);
  const at = settled?.decidedAt ?? gate.decision?.at ?? gate.brokenOffAt;
  return <SettledGate gate={gate} run={run} ending={ending} at={at} edited={settled?.editedBy && settled} />;
}

/** The end of an approval the company's room no longer lists, or has not heard of yet. */
function endingOfRow(gate: GateRow): Ending | undefined {
  if (!gate.decision) return gate.brokenOffAt ? endingOf("cancelled", []) : undefined;
  const { kind, by } = gate.decision;
  const states = { allow: "allowed", edit: "edited", deny: "denied", expired: "expired", superseded: "superseded" } as const;
  return endingOf(states[kind], by);
}

/** True for the oldest open ask of its run: the one that A and D are for. */
function isNextAsk(approval: Approval, state: CompanyState | undefined): boolean {
  const open = Object.values(state?.approvals ?? {}).filter((one) => one.run === approval.run && one.state === "pending");
  return open.every((one) => one.id >= approval.id); // ids are in the order of time
}

function OpenGate({ approval }: { approval: Approval }) {
  const { me, role, state, room } = useCompany();
  const decide = useDecide();
  const phone = usePhone();
  const now = useNow() + room.clockOffsetMs;
  const whole = useWholeText(approval.input, { kind: "approval", id: approval.id }, true);
  const why = { allow: whyNotRead(whole), ...whyNotDecide(approval, { id: me.id, role }, state?.config) };
  return (
    <section className="gate" aria-label={`Approval: ${approval.question}`}>
      <header>
        <Icon name="st-wait" className="wait" />
        <h2>{approval.question}</h2>
        <span className="gate-clock">
          <Icon name="clock" />
          <span className="num">{until(approval.expiresAt, now)}</span> left
        </span>
      </header>
      <CallArgs call={approval} whole={whole} />
      <p className="gate-risk">
        <Icon name="shield" />
        {riskWords(approval.risk)}.{approval.note && ` ${approval.note}`}
      </p>
      <VoteLine
        approval={approval}
        then={approval.need - approval.votes.length <= 1 ? `then ${approval.agentName} goes on` : undefined}
      />
      <DecisionButtons approval={approval} decide={decide} why={why} keys={isNextAsk(approval, state)} thumb={phone} />
      {why.allow && <p className="gate-why">{why.allow}.</p>}
    </section>
  );
}

/** What stands where nobody has decided and nothing can be decided here. */
function Undecided({ past }: { past: boolean }) {
  const { company } = useCompany();
  const lane = useLane();
  if (past) return <b>Nobody had decided yet</b>;
  if (lane === undefined) return <b>Waiting for the company's room</b>;
  return (
    <Link to="/c/$company/chats/$session" params={{ company: company.id, session: lane }}>
      Decide in the conversation
    </Link>
  );
}

function SettledGate({
  gate,
  run,
  ending,
  at,
  edited,
}: {
  gate: GateRow;
  run: string;
  ending: Ending | undefined;
  at: string | undefined;
  /** where a person put other arguments in place of the agent's: those ran */
  edited: Approval | undefined;
}) {
  const past = usePast();
  const asked = useWholeText(gate.input, { kind: "run", id: run }, true);
  const changed = useWholeText(edited?.input ?? "", { kind: "approval", id: gate.approval }, edited !== undefined);
  const whole = edited ? changed : asked;
  return (
    <section className="gate settled-gate" aria-label={`Approval: ${gate.question}`}>
      <header>
        <Icon name={statusIcon(ending?.kind ?? "idle")} className={ending?.kind ?? "dim"} />
        <h2>{gate.question}</h2>
        {at && (
          <time className="num dim" dateTime={at}>
            {clock(at)}
          </time>
        )}
      </header>
      <CallArgs call={{ tool: gate.name }} whole={whole} />
      <p className="gate-result">
        {ending ? <b>{ending.text}</b> : <Undecided past={past} />}
        {ending?.note && <q>{ending.note}</q>}
      </p>
    </section>
  );
}
