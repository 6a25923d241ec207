import { useState } from "react";
import type { CompanyState } from "../../../party/protocol/company.ts";
import { Icon } from "../../components/icon.tsx";
import { useNow } from "../../lib/clock.ts";
import { plural, until } from "../../lib/format.ts";
import { useCompany } from "../shell/company-context.tsx";
import { NeedSheet } from "./need-sheet.tsx";
import { type Need, needById, openNeeds } from "./needs.ts";

/**
 * The need above the agents on a phone; it opens as a sheet with the decision at the thumb. The sheet stays with the need
 * it was opened for, also when someone else settles it: nothing else may come up under a thumb that is on its way.
 */
export function TopNeed({ state }: { state: CompanyState }) {
  const [opened, setOpened] = useState<string>();
  const [open, setOpen] = useState(false);
  const [first] = openNeeds(state);
  const shown = opened === undefined ? undefined : needById(state, opened);
  const show = (id: string): void => {
    setOpened(id);
    setOpen(true);
  };
  return (
    <>
      {first && <Strip need={first} onOpen={() => show(first.id)} />}
      {shown && <NeedSheet key={shown.id} need={shown} open={open} onClose={() => setOpen(false)} />}
    </>
  );
}

function Strip({ need, onOpen }: { need: Need; onOpen: () => void }) {
  const { room } = useCompany();
  const now = useNow() + room.clockOffsetMs;
  const what = need.kind === "approval" ? need.approval : need.question;
  return (
    <button type="button" className="m-need" onClick={onOpen}>
      <Icon name="st-wait" className="wait" />
      <span className="grow">
        <b>{need.kind === "approval" ? need.approval.question : need.question.text}</b>
        <span>
          {what.agentName}, holds {plural(need.held, "run", "runs")}
          {need.kind === "approval" && `, ${until(need.approval.expiresAt, now)} left`}
        </span>
      </span>
      <Icon name="right" className="dim" />
    </button>
  );
}
