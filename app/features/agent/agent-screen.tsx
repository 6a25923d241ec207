import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { AgentState, RunView } from "../../../party/protocol/agent.ts";
import { liveRuns } from "../../../party/protocol/agent-state.ts";
import { laneRoom } from "../../../party/protocol/lanes.ts";
import { atLeast } from "../../../party/protocol/roles.ts";
import { Button } from "../../components/button.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { EmptyState, LogSkeleton } from "../../components/states.tsx";
import { useKeys } from "../../lib/keys.ts";
import { useNarrow, usePhone } from "../../lib/layout.ts";
import { isRehearsal } from "../../lib/model-name.ts";
import { runQuery } from "../../lib/queries.ts";
import { type UsedRoom, useRoom } from "../../lib/room/use-room.ts";
import { useAnswering } from "../providers/use-answering.ts";
import { RunMenu } from "../runs/run-menu.tsx";
import { useCompany } from "../shell/company-context.tsx";
import { Page } from "../shell/page.tsx";
import { placeOfAgent } from "../shell/places.ts";
import { AgentDock } from "./agent-dock.tsx";
import { Heading, PhoneTop } from "./agent-heading.tsx";
import { Lane } from "./lane.ts";
import { RehearsalStrip } from "./rehearsal-strip.tsx";
import { RunHead } from "./run-head.tsx";
import { canSteer, currentRun } from "./run-pick.ts";
import { RunRail } from "./run-rail.tsx";
import { RunTranscript } from "./run-transcript.tsx";
import { useAgentActions } from "./use-agent-actions.ts";

/** An agent's room. Without a run in the address it follows the agent from run to run. */
export function AgentScreen({ agent, run: asked, step }: { agent: string; run: string | undefined; step?: number | undefined }) {
  const room = useRoom("agent", agent);
  const { company, state: companyState } = useCompany();
  const { state } = room;
  const known = asked ? state?.runs[asked] : undefined;
  // A run older than those the room keeps is a record.
  const old = useQuery({
    ...runQuery(company.id, asked ?? ""),
    enabled: asked !== undefined && state !== undefined && known === undefined,
  });
  const run = asked ? (known ?? old.data) : state && currentRun(state);
  const name = state?.config?.name ?? companyState?.roster[agent]?.name ?? "Agent";
  const screen = { agent, name, asked, step, missing: old.isError };
  if (old.data?.lane !== undefined) return <LaneScreen {...screen} record={old.data} lane={old.data.lane} />;
  return <Screen {...screen} room={room} run={run} />;
}

/** The room of a run for a private conversation: its people alone enter it, and decide in the conversation. */
function LaneScreen({ record, lane, ...screen }: Omit<ScreenProps, "room" | "run"> & { record: RunView; lane: string }) {
  const room = useRoom("agent", laneRoom(screen.agent, lane));
  return (
    <Lane value={lane}>
      <Screen {...screen} room={room} run={room.state?.runs[record.id] ?? record} />
    </Lane>
  );
}

interface ScreenProps {
  room: UsedRoom<"agent">;
  agent: string;
  name: string;
  run: RunView | undefined;
  asked: string | undefined;
  /** seq of the step that the address names */
  step: number | undefined;
  missing: boolean;
}

function Screen({ room, agent, name, run, asked, step, missing }: ScreenProps) {
  const { company } = useCompany();
  const navigate = useNavigate();
  const phone = usePhone();
  const narrow = useNarrow();
  const [railOpen, setRailOpen] = useState(false);
  const { state, store } = room;
  const follow = (): void => void navigate({ to: "/c/$company/agents/$agent", params: { company: company.id, agent } });
  const actions = useAgentActions(store, run, () => asked && follow());
  const runId = run?.id;
  const device = phone ? "phone" : "desktop";
  useEffect(() => store.present({ place: runId, device }), [store, runId, device]);
  useKeys({ "]": narrow && !phone ? () => setRailOpen(true) : undefined });

  const rail = state && (
    <RunRail
      state={state}
      run={run}
      people={room.people}
      onTakeBack={(id) => void actions.press(`take back ${id}`, { type: "queue.cancel", run: id })}
    />
  );
  const frame = { title: name, place: placeOfAgent(agent), status: room.status, onRetry: () => retry(room) };
  const body = (
    <Body
      room={room}
      agent={agent}
      name={name}
      run={run}
      asked={asked}
      step={step}
      missing={missing}
      actions={actions}
      phone={phone}
      onFollow={follow}
    />
  );
  if (phone) {
    return (
      <Page {...frame} phoneTop={<PhoneTop room={room} name={name} run={run} onDetails={() => setRailOpen(true)} />}>
        {body}
        <Sheet open={railOpen} onClose={() => setRailOpen(false)} side="bottom" label="Details of the run">
          <div className="sheet-scroll">
            {state && <AgentButtons state={state} actions={actions} run={run} />}
            {run && <RunMenu run={run} agent={agent} words />}
            {rail}
          </div>
        </Sheet>
      </Page>
    );
  }
  return (
    <Page
      {...frame}
      heading={<Heading room={room} name={name} />}
      actions={
        state && (
          <AgentButtons
            state={state}
            actions={actions}
            run={undefined}
            onDetails={narrow ? () => setRailOpen(true) : undefined}
          />
        )
      }
    >
      {run && <DeskRunHead room={room} agent={agent} run={run} actions={actions} />}
      <div className="with-rail">
        {body}
        {narrow ? (
          <Sheet open={railOpen} onClose={() => setRailOpen(false)} side="right" label="Details of the run">
            {rail}
          </Sheet>
        ) : (
          <aside className="rail" aria-label="Details of the run">
            {rail}
          </aside>
        )}
      </div>
    </Page>
  );
}

function retry(room: UsedRoom<"agent">): void {
  room.store.start();
  room.store.nudge();
}

type Actions = ReturnType<typeof useAgentActions>;

function AgentButtons({
  state,
  actions,
  run,
  onDetails,
}: {
  state: AgentState;
  actions: Actions;
  run: RunView | undefined;
  onDetails?: (() => void) | undefined;
}) {
  const { role } = useCompany();
  const why = atLeast(role, "operator") ? undefined : "Only operators pause agents";
  const paused = state.status.kind === "paused";
  return (
    <div className="btns">
      {run?.state === "running" && (
        <Button
          icon="pause"
          busy={actions.busy === "interrupt"}
          onClick={() => void actions.press("interrupt", { type: "run.interrupt", run: run.id })}
        >
          Interrupt the run
        </Button>
      )}
      {paused ? (
        <Button
          icon="play"
          busy={actions.busy === "resume"}
          disabledBecause={why}
          onClick={() => void actions.press("resume", { type: "agent.resume" })}
        >
          Resume agent
        </Button>
      ) : (
        state.status.kind === "ready" && (
          <Button
            icon="pause"
            busy={actions.busy === "pause"}
            disabledBecause={why}
            onClick={() => void actions.press("pause", { type: "agent.pause" })}
          >
            Pause agent
          </Button>
        )
      )}
      {onDetails && (
        <Button icon="more" shortcut="]" onClick={onDetails}>
          Details
        </Button>
      )}
    </div>
  );
}

function DeskRunHead({ room, agent, run, actions }: { room: UsedRoom<"agent">; agent: string; run: RunView; actions: Actions }) {
  const { me, role } = useCompany();
  return (
    <RunHead
      run={run}
      agent={agent}
      clockOffsetMs={room.clockOffsetMs}
      me={{ id: me.id, role }}
      actions={{
        interrupt: () => actions.press("interrupt", { type: "run.interrupt", run: run.id }),
        cancel: () => actions.press("cancel", { type: "run.cancel", run: run.id }),
        busy: actions.busy === "interrupt" || actions.busy === "cancel" ? actions.busy : undefined,
      }}
    />
  );
}

interface BodyProps extends ScreenProps {
  actions: Actions;
  phone: boolean;
  onFollow: () => void;
}

function Body({ room, agent, name, run, asked, step, missing, actions, phone, onFollow }: BodyProps) {
  const { role } = useCompany();
  const answering = useAnswering();
  const { state } = room;
  const rehearsal = isRehearsal(answering(state?.config?.model ?? ""));
  const idle = state !== undefined && liveRuns(state).length === 0;
  const shut = !state && room.status.kind === "refused";
  const retired = state?.status.kind === "retired";
  const why = whyNotAsk(state, role);
  const content = run ? (
    <RunTranscript
      key={run.id}
      room={room}
      agent={agent}
      run={run}
      phone={phone}
      step={step}
      onAgain={(prompt) => void actions.press("again", { type: "run.wake", prompt })}
    />
  ) : missing ? (
    <EmptyState icon="search" title="This run is not here">
      It was removed, or the address is not whole.
    </EmptyState>
  ) : state ? (
    <EmptyState icon="agent" title={`${name} has not worked yet`}>
      {retired ? "It is retired and takes no more work." : "Ask for something below. Everyone in this room watches it happen."}
    </EmptyState>
  ) : shut ? (
    <EmptyState icon="lock" title="This agent is not here">
      It was removed, or you may not see it.
    </EmptyState>
  ) : (
    <LogSkeleton />
  );
  const inner = (
    <>
      {content}
      {rehearsal && idle && !retired && asked === undefined && (
        <RehearsalStrip why={why} start={(prompt) => actions.send("wake", prompt)} />
      )}
      {!shut && (
        <AgentDock
          room={room}
          agent={agent}
          name={name}
          run={run}
          why={why}
          actions={actions}
          phone={phone}
          steerable={canSteer(run)}
          followed={asked === undefined}
          onFollow={onFollow}
        />
      )}
    </>
  );
  return phone ? (
    <main className="m-body m-room">{inner}</main>
  ) : (
    <section className="room" aria-label="Transcript">
      {inner}
    </section>
  );
}

/** Why nothing can be asked of this agent now. */
function whyNotAsk(state: AgentState | undefined, role: ReturnType<typeof useCompany>["role"]): string | undefined {
  if (!atLeast(role, "member")) return "Viewers see; members ask";
  if (state?.status.kind === "retired") return "This agent is retired";
  return undefined;
}
