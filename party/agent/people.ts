/** What people ask of an agent's room. */

import { type Refused, refuse } from "../lib/core.ts";
import { assertNever } from "../protocol/assert.ts";
import type { AgentCommand } from "../protocol/commands.ts";
import type { Actor, ActorRef } from "../protocol/common.ts";
import { atLeast } from "../protocol/roles.ts";
import { endRun } from "./ends.ts";
import { liveRunsOf } from "./private.ts";
import type { Turn } from "./turn.ts";
import { takeWake } from "./wakes.ts";

/** Steers a run can have waiting. */
const WAITING_STEERS = 8;

export function takeCommand(turn: Turn, actor: Actor, command: AgentCommand): Refused | undefined {
  const by: ActorRef = { id: actor.id, name: actor.name, kind: actor.kind };
  switch (command.type) {
    case "run.wake":
      return takeWake(turn, {
        key: turn.context.newId("st"),
        source: "person",
        reason: "Asked in the room",
        subject: { kind: "none" },
        prompt: command.prompt,
        requestedBy: by,
      });
    case "run.steer":
      return steer(turn, by, command.run, command.text);
    case "run.interrupt":
      return interrupt(turn, by, command.run);
    case "run.cancel":
    case "queue.cancel":
      return cancel(turn, actor, by, command.run, command.type === "queue.cancel");
    case "queue.reorder":
      return reorder(turn, by, command.queue);
    case "agent.pause":
      if (turn.state.status.kind === "retired") return retired();
      if (turn.state.status.kind === "paused") return refuse("conflict", "It is paused already.");
      turn.emit({ type: "agent.paused", by, reason: "manual", note: command.note });
      turn.activity(by, `paused ${turn.state.config?.name ?? "the agent"}`);
      return undefined;
    case "agent.resume":
      if (turn.state.status.kind === "retired") return retired();
      if (turn.state.status.kind !== "paused") return refuse("conflict", "It is not paused.");
      turn.emit({ type: "agent.resumed", by });
      turn.activity(by, `resumed ${turn.state.config?.name ?? "the agent"}`);
      return undefined;
    default:
      return assertNever(command);
  }
}

function steer(turn: Turn, by: ActorRef, id: string, text: string): Refused | undefined {
  const run = turn.run(id);
  if (!run) return ended(turn, id);
  if (run.steers.length >= WAITING_STEERS)
    return refuse("too_many", `${WAITING_STEERS} notes are waiting already. Wait until the agent has read them.`);
  const steerId = turn.context.newId("st");
  turn.emitRun(id, { type: "steer.queued", steer: steerId, by, text });
  const at = run.at.kind === "interrupted" ? { kind: "ready" as const, notBefore: turn.now } : run.at;
  turn.setRun(id, {
    ...run,
    at,
    interruptedBy: run.at.kind === "interrupted" ? undefined : run.interruptedBy,
    steers: [...run.steers, { id: steerId, by, text }],
  });
  if (run.at.kind === "leased") turn.tell(id, { type: "steer", steer: steerId, by, text });
  turn.result = { steer: steerId };
  return undefined;
}

function interrupt(turn: Turn, by: ActorRef, id: string): Refused | undefined {
  const run = turn.run(id);
  if (!run) return ended(turn, id);
  if (run.at.kind !== "leased") return refuse("not_running", "It is not working right now, so there is nothing to interrupt.");
  turn.setRun(id, { ...run, interruptedBy: by });
  turn.tell(id, { type: "interrupt", by });
  turn.activity(by, `interrupted ${turn.state.runs[id]?.title ?? "a run"}`, id);
  return undefined;
}

function cancel(turn: Turn, actor: Actor, by: ActorRef, id: string, queuedOnly: boolean): Refused | undefined {
  const run = turn.run(id);
  if (!run) return ended(turn, id);
  const own = run.cause?.id === actor.id;
  if (!own && !atLeast(actor.role, "operator"))
    return refuse("forbidden", "Cancelling another person's run needs the role operator.");
  if (queuedOnly && !turn.state.queue.includes(id)) return refuse("conflict", "It has started already.");
  cancelRun(turn, by, id);
  return undefined;
}

/** A run that a runner holds is ended by it, within a second; any other ends here. */
export function cancelRun(turn: Turn, by: ActorRef, id: string): void {
  const run = turn.run(id);
  if (!run) return;
  if (run.at.kind === "leased") {
    turn.setRun(id, { ...run, cancelledBy: by });
    turn.tell(id, { type: "cancel", by });
  } else endRun(turn, id, { outcome: "aborted", by });
}

function reorder(turn: Turn, by: ActorRef, queue: string[]): Refused | undefined {
  const current = [...turn.state.queue].sort().join();
  if ([...queue].sort().join() !== current) return refuse("conflict", "The queue has changed. Look again.");
  turn.emit({ type: "queue.reordered", queue, by });
  return undefined;
}

function ended(turn: Turn, id: string): Refused {
  const view = turn.state.runs[id];
  return view ? refuse("conflict", "This run has ended already.") : refuse("not_found", "There is no such run here.");
}

/** Cancels everything and pauses: "stop everything" of the company. */
export function stopAll(turn: Turn, by: ActorRef): void {
  if (turn.state.status.kind === "ready")
    turn.emit({ type: "agent.paused", by, reason: "stopped", note: "Everything was stopped" });
  for (const [id] of liveRunsOf(turn.priv)) cancelRun(turn, by, id);
}

function retired(): Refused {
  return refuse("retired", "This agent is retired. It takes no more work.");
}
