import { useRef } from "react";
import type { Approval } from "../../../party/protocol/company.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Icon } from "../../components/icon.tsx";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { plural, until, when } from "../../lib/format.ts";
import { firstName } from "../../lib/identity.ts";
import { useKeys } from "../../lib/keys.ts";
import { useCompany } from "../shell/company-context.tsx";
import { useWholeText, type WholeText } from "../shell/whole-text.tsx";
import { riskWords } from "./approval-words.ts";
import { CallArgs, whyNotRead } from "./call-args.tsx";
import { Card, FromRun } from "./card.tsx";
import { DenyNote } from "./deny-note.tsx";
import { EditCall } from "./edit-call.tsx";
import { RememberDialog } from "./remember-dialog.tsx";
import { canGrant, type WhyNot, whyNotDecide } from "./rights.ts";
import { claimOf, heldWords, laterChoices, type TriageItem } from "./triage.ts";
import { RESTING, useRest } from "./use-rest.ts";
import { GRACE_MS, type Triage } from "./use-triage.ts";
import { VoteLine } from "./vote-line.tsx";

/** A pending approval: the plain question, what happens on yes and on no, the exact call, what others said. */
export function ApprovalDetail({
  approval,
  held,
  triage,
  phone,
}: {
  approval: Approval;
  held: number;
  triage: Triage;
  phone: boolean;
}) {
  const { me, role, state } = useCompany();
  const { now, mode, setMode } = triage;
  const whole = useWholeText(approval.input, { kind: "approval", id: approval.id }, true);
  const resting = useRest(triage.followed);
  const rights: WhyNot = { allow: whyNotRead(whole), ...whyNotDecide(approval, { id: me.id, role }, state?.config) };
  const why: WhyNot = resting ? { allow: RESTING, deny: RESTING } : rights;
  const claim = claimOf({ kind: "approval", id: approval.id, at: approval.createdAt, held, approval }, now);
  return (
    <Card
      agentName={approval.agentName}
      title={approval.question}
      below={<FromRun {...approval} title={approval.runTitle} />}
      aside={
        <span className="gate-clock">
          <Icon name="clock" />
          <span className="num">{until(approval.expiresAt, now)}</span> left
        </span>
      }
      foot={
        mode === undefined || mode === "remember" || mode === "confirm" ? (
          <Foot approval={approval} triage={triage} why={why} phone={phone} />
        ) : undefined
      }
    >
      <dl className="outcome">
        <div>
          <dt>If you allow</dt>
          <dd>It runs as it stands below, and {approval.agentName} goes on from there.</dd>
        </div>
        <div>
          <dt>If you deny</dt>
          <dd>Nothing runs. {approval.agentName} reads why and goes on without it.</dd>
        </div>
      </dl>
      {mode === "edit" ? (
        <Editing approval={approval} whole={whole} triage={triage} />
      ) : (
        <>
          <h3>What exactly runs</h3>
          <CallArgs call={approval} whole={whole} framed />
          <p className="gate-risk">
            <Icon name="shield" />
            {riskWords(approval.risk)}.{approval.note && ` ${approval.note}`}
          </p>
        </>
      )}
      {mode === "deny" && (
        <DenyNote
          busy={triage.decide.sending[approval.id] === "deny"}
          onBack={() => setMode(undefined)}
          onDeny={(note) => void triage.settle(approval, "deny", { note, graceMs: graceOf(approval) })}
        />
      )}
      <p className="detail-facts">
        <Icon name="layers" />
        Holds {plural(held, "run", "runs")}
        {claim && <span>{claim.by.id === me.id ? "You are on it" : `${firstName(claim.by.name)} is on it`}</span>}
        {approval.reminded && (
          <span>
            Asked {plural(approval.reminded.times, "more time", "more times")}, last at {when(approval.reminded.at, now)}
          </span>
        )}
      </p>
      <Others approval={approval} />
      <Said approval={approval} />
    </Card>
  );
}

/** What cannot be undone is decided at once, after a second look; everything else can be taken back for a moment. */
function graceOf(approval: Approval): number | undefined {
  return isFinal(approval) ? undefined : GRACE_MS;
}

function isFinal({ risk }: Approval): boolean {
  return risk === "spend" || risk === "destroy";
}

function Editing({ approval, whole, triage }: { approval: Approval; whole: WholeText; triage: Triage }) {
  return (
    <EditCall
      input={whole.text}
      agentName={approval.agentName}
      busy={triage.decide.sending[approval.id] === "edit"}
      onBack={() => triage.setMode(undefined)}
      onSave={(input) => void triage.settle(approval, "edit", { input, graceMs: graceOf(approval) })}
    />
  );
}

/** Votes so far, where several are needed, and who else has it open. */
function Others({ approval }: { approval: Approval }) {
  const { room, me } = useCompany();
  const deciding = room.people.some((person) => person.deciding === approval.id && person.id !== me.id);
  return approval.need > 1 || deciding ? <VoteLine approval={approval} /> : null;
}

/** Notes that came with votes so far. */
function Said({ approval }: { approval: Approval }) {
  const said = approval.votes.filter((vote) => vote.note);
  if (said.length === 0) return null;
  return (
    <>
      <h3>Said so far</h3>
      <ul className="said">
        {said.map((vote) => (
          <li key={vote.by.id}>
            <b>{firstName(vote.by.name)}</b> <q>{vote.note}</q>
          </li>
        ))}
      </ul>
    </>
  );
}

function Foot({ approval, triage, why, phone }: { approval: Approval; triage: Triage; why: WhyNot; phone: boolean }) {
  const { me, state } = useCompany();
  const { mode, setMode, now, decide } = triage;
  const place = useRef<HTMLDivElement>(null);
  const sending = decide.sending[approval.id];
  const item: TriageItem = { kind: "approval", id: approval.id, at: approval.createdAt, held: 0, approval };
  const mineHeld = approval.held?.by.id === me.id;
  const claimed = approval.claim?.by.id === me.id && claimOf(item, now) !== undefined;
  const isLater = Date.parse(triage.later.get(approval.id) ?? "") > now;
  const allow = (): void => {
    if (isFinal(approval)) setMode("confirm");
    else void triage.settle(approval, "allow", { graceMs: GRACE_MS });
  };
  const putOff = (until: Date): void => void triage.putOff(item, until);
  const tomorrow = laterChoices(now).find((choice) => choice.id === "tomorrow");
  const free = sending === undefined && mode === undefined && !approval.held;
  const may = (why: string | undefined, run: () => void): (() => void) | undefined =>
    free && why === undefined ? run : undefined;
  useKeys({
    a: may(why.allow, allow),
    d: may(why.deny, () => setMode("deny")),
    e: may(why.allow, () => setMode("edit")),
    m: may(why.deny, () => void triage.claim(approval)),
    h: isLater ? () => void triage.takeUp(item) : tomorrow && (() => putOff(tomorrow.until)),
  });
  if (approval.held) {
    return (
      <div className="detail-held" role="status" ref={place}>
        <Icon name="clock" />
        <span className="grow">{heldWords(approval.held, now, me.id)}</span>
        {mineHeld && (
          <Button icon="undo" shortcut={phone ? undefined : "Z"} onClick={() => void triage.undo()}>
            Undo
          </Button>
        )}
      </div>
    );
  }
  const laterEntries: MenuEntry[] = laterChoices(now).map((choice) => ({
    kind: "action",
    id: choice.id,
    label: choice.label,
    hint: when(choice.until.toISOString(), now),
    onSelect: () => putOff(choice.until),
  }));
  const keys = (key: string): string | undefined => (phone ? undefined : key);
  return (
    <>
      {isLater ? (
        <Button kind="ghost" shortcut={keys("H")} onClick={() => void triage.takeUp(item)}>
          Take it up now
        </Button>
      ) : (
        <Menu
          side="top"
          trigger={
            <Button kind="ghost" shortcut={keys("H")}>
              Later
            </Button>
          }
          entries={laterEntries}
        />
      )}
      <Button kind="ghost" shortcut={keys("M")} disabledBecause={why.deny} onClick={() => void triage.claim(approval)}>
        {claimed ? "Let go" : "I am on it"}
      </Button>
      {canGrant(approval, state?.config) && (
        <Button kind="ghost" disabledBecause={why.allow} onClick={() => setMode("remember")}>
          Allow and remember
        </Button>
      )}
      <span className="grow" />
      {/* On a narrow desk the three move into the next line together. */}
      <span className={phone ? "contents" : "btns"}>
        <Button shortcut={keys("D")} disabledBecause={why.deny} onClick={() => setMode("deny")}>
          Deny
        </Button>
        <Button icon="edit" shortcut={keys("E")} disabledBecause={why.allow} onClick={() => setMode("edit")}>
          {phone ? "Edit" : "Edit, then allow"}
        </Button>
        <Button
          kind="primary"
          className={phone ? "grow" : ""}
          shortcut={keys("A")}
          busy={sending === "allow"}
          disabledBecause={why.allow}
          onClick={allow}
        >
          Allow
        </Button>
      </span>
      <RememberDialog
        approval={approval}
        decide={{
          ...decide,
          // The dialog decides as every other button here does: with a moment to take it back.
          decide: async (one, decision, more) => {
            await triage.settle(one, decision, more);
            return true;
          },
        }}
        open={mode === "remember"}
        onClose={() => setMode(undefined)}
        graceMs={graceOf(approval)}
      />
      <Dialog
        open={mode === "confirm"}
        onClose={() => setMode(undefined)}
        title={approval.risk === "spend" ? "Allow spending?" : "Allow what cannot be undone?"}
        description={`${riskWords(approval.risk)}. It begins at once, and cannot be taken back.`}
      >
        <div className="btns dialog-foot">
          <Button onClick={() => setMode(undefined)}>Back</Button>
          <Button kind="danger" busy={sending === "allow"} onClick={() => void triage.settle(approval, "allow")}>
            Allow it now
          </Button>
        </div>
      </Dialog>
    </>
  );
}
