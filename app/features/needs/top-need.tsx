import { useState } from "react";
import { Icon } from "../../components/icon.tsx";
import { useNow } from "../../lib/clock.ts";
import { plural, until } from "../../lib/format.ts";
import { useCompany } from "../shell/company-context.tsx";
import { NeedSheet } from "./need-sheet.tsx";
import type { Need } from "./needs.ts";

/** The need above the agents on a phone; it opens as a sheet with the decision at the thumb. */
export function TopNeed({ need }: { need: Need }) {
  const { room } = useCompany();
  const now = useNow() + room.clockOffsetMs;
  const [open, setOpen] = useState(false);
  const what = need.kind === "approval" ? need.approval : need.question;
  return (
    <>
      <button type="button" className="m-need" onClick={() => setOpen(true)}>
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
      <NeedSheet need={need} open={open} onClose={() => setOpen(false)} />
    </>
  );
}
