import { useEffect } from "react";
import type { Approval, Question } from "../../../party/protocol/company.ts";
import { AgentAvatar } from "../../components/avatar.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { statusIcon } from "../../components/status.tsx";
import { useNow } from "../../lib/clock.ts";
import { plural, until } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useWholeText } from "../shell/whole-text.tsx";
import { AnswerForm } from "./answer-form.tsx";
import { type Ending, endingOf, riskWords } from "./approval-words.ts";
import { CallArgs, whyNotRead } from "./call-args.tsx";
import { DecisionButtons } from "./decision-buttons.tsx";
import type { Need } from "./needs.ts";
import { whyNotDecide } from "./rights.ts";
import { useDecide } from "./use-decide.ts";
import { VoteLine } from "./vote-line.tsx";

/** A need on a phone: everything to weigh scrolls, the decision stays at the thumb. Nothing is decided by swiping. */
export function NeedSheet({ need, open, onClose }: { need: Need; open: boolean; onClose: () => void }) {
  const { room, role } = useCompany();
  const decide = useDecide();
  const now = useNow() + room.clockOffsetMs;
  const what = need.kind === "approval" ? need.approval : need.question;
  const ask = need.kind === "approval" ? need.approval.question : need.question.text;
  const waiting = need.kind === "approval" ? need.approval.state === "pending" : need.question.state === "open";
  const { store } = room;
  const deciding = open && need.kind === "approval" ? need.id : undefined;
  useEffect(() => {
    store.present({ deciding });
    return () => store.present({ deciding: undefined });
  }, [store, deciding]);
  return (
    <Sheet open={open} onClose={onClose} side="bottom" label={ask}>
      <header className="sheet-head">
        <AgentAvatar name={what.agentName} />
        <div className="grow">
          <h2>{ask}</h2>
          <p className="dim">
            {what.agentName}, {what.runTitle}
          </p>
        </div>
      </header>
      {waiting && (
        <div className="sheet-facts">
          <span>
            <Icon name="layers" />
            Holds {plural(need.held, "run", "runs")}
          </span>
          {need.kind === "approval" && (
            <span>
              <Icon name="clock" />
              <span className="num">{until(need.approval.expiresAt, now)}</span> left
            </span>
          )}
        </div>
      )}
      {need.kind === "approval" ? (
        need.approval.state === "pending" ? (
          <SheetApproval approval={need.approval} decide={decide} />
        ) : (
          <Ended
            ending={endingOf(need.approval.state, need.approval.votes, need.approval.pattern !== undefined)}
            onClose={onClose}
          />
        )
      ) : need.question.state !== "open" ? (
        <Ended ending={answered(need.question)} onClose={onClose} />
      ) : (
        <AnswerForm
          question={need.id}
          options={need.question.options}
          answer={decide.answer}
          why={role === "viewer" ? "Viewers see; members answer" : undefined}
        />
      )}
    </Sheet>
  );
}

/** How the question ended, in the words of an approval's end. */
function answered({ answer }: Question): Ending {
  if (!answer) return { kind: "idle", text: "Nobody answered; the question was broken off", note: undefined };
  return { kind: "done", text: `${firstName(answer.by.name)} answered`, note: answer.value };
}

/** What everyone sees at once when someone has decided, in the sheet that was open for it. */
function Ended({ ending, onClose }: { ending: Ending | undefined; onClose: () => void }) {
  if (!ending) return null;
  return (
    <>
      <p className="sheet-end" role="status">
        <Icon name={statusIcon(ending.kind)} className={ending.kind} />
        <span>
          <b>{ending.text}</b>
          {ending.note && <q>{ending.note}</q>}
        </span>
      </p>
      <div className="sheet-foot">
        <Button className="grow" onClick={onClose}>
          Close
        </Button>
      </div>
    </>
  );
}

function SheetApproval({ approval, decide }: { approval: Approval; decide: ReturnType<typeof useDecide> }) {
  const { me, role, state } = useCompany();
  const whole = useWholeText(approval.input, { kind: "approval", id: approval.id }, true);
  const why = { allow: whyNotRead(whole), ...whyNotDecide(approval, { id: me.id, role }, state?.config) };
  return (
    <>
      <div className="sheet-scroll">
        <CallArgs call={approval} whole={whole} framed />
        <p className="sheet-then">
          {riskWords(approval.risk)}.{approval.note && ` ${approval.note}`}
        </p>
        <VoteLine approval={approval} />
      </div>
      <DecisionButtons approval={approval} decide={decide} why={why} thumb />
      {why.allow && <p className="sheet-why">{why.allow}.</p>}
    </>
  );
}
