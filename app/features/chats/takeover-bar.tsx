import type { SessionState } from "../../../party/protocol/session.ts";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { firstName } from "../../lib/identity.ts";
import { useCompany } from "../shell/company-context.tsx";

/** Says that a person answers in place of the agents, and hands back. */
export function TakeoverBar({
  state,
  busy,
  why,
  onHandBack,
}: {
  state: SessionState;
  busy: boolean;
  why: string | undefined;
  onHandBack: () => void;
}) {
  const { me } = useCompany();
  const { answeredBy, config } = state;
  if (answeredBy.kind === "agent" || !config) return null;
  const mine = answeredBy.by.id === me.id;
  return (
    <div className="takeover" role="status">
      <Icon name="hand" />
      <span className="grow">
        <b>{mine ? "You have taken over" : `${firstName(answeredBy.by.name)} has taken over`}</b> from {config.agentName}. Agents
        are not asked until it is handed back.
      </span>
      <Button busy={busy} disabledBecause={why} onClick={onHandBack}>
        Hand back now
      </Button>
    </div>
  );
}
