import { useCallback } from "react";
import type { RunView } from "../../../party/protocol/agent.ts";
import { Button, IconButton } from "../../components/button.tsx";
import { firstName } from "../../lib/identity.ts";
import type { UsedRoom } from "../../lib/room/use-room.ts";
import { useCompany } from "../shell/company-context.tsx";
import { Composer } from "./composer.tsx";
import { whyNotCancel } from "./run-head.tsx";
import { PhoneSteerLane, SteerLane } from "./steer-lane.tsx";
import type { AgentActions } from "./use-agent-actions.ts";

interface DockProps {
  room: UsedRoom<"agent">;
  agent: string;
  name: string;
  run: RunView | undefined;
  why: string | undefined;
  actions: AgentActions;
  phone: boolean;
  steerable: boolean;
  /** false on the page of one run, which does not move on to the next */
  followed: boolean;
  onFollow: () => void;
}

/** Below the transcript: notes on their way, and where to write. */
export function AgentDock({ room, agent, name, run, why, actions, phone, steerable, followed, onFollow }: DockProps) {
  const { me, role } = useCompany();
  const { store } = room;
  const typing = room.people.filter((person) => person.typing && person.id !== me.id).map((person) => firstName(person.name));
  const say = useCallback((now: boolean) => store.present({ typing: now }), [store]);
  const steers = steerable ? (run?.steers ?? []) : [];
  const composer = (
    <Composer
      place={agent}
      agentName={name}
      canSteer={steerable}
      why={why}
      typing={typing.length === 0 ? undefined : `${typing.join(", ")} ${typing.length === 1 ? "is" : "are"} typing`}
      onTyping={say}
      send={actions.send}
    />
  );
  const leave = !followed && run?.state === "ended" && (
    <div className="dock-note">
      <span className="grow">This is an earlier run.</span>
      <Button small onClick={onFollow}>
        Go to the newest
      </Button>
    </div>
  );
  if (phone) {
    return (
      <div className="m-dock">
        {leave}
        <PhoneSteerLane steers={steers} />
        <div className="m-dock-line">
          <div className="grow">{composer}</div>
          {run && run.state !== "ended" && (
            <IconButton
              icon="stop"
              kind="danger"
              label="Stop the run"
              busy={actions.busy === "cancel"}
              disabledBecause={whyNotCancel(run, { id: me.id, role })}
              onClick={() => void actions.press("cancel", { type: "run.cancel", run: run.id })}
            />
          )}
        </div>
      </div>
    );
  }
  return (
    <div className="dock">
      {leave}
      <SteerLane steers={steers} />
      {composer}
    </div>
  );
}
