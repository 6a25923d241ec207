/** What a change of a message does to the work it asked for: the run reads the new text, is told of it, or had ended. */
import { WITHDRAWN } from "../lib/prompts.ts";
import type { ActorRef } from "../protocol/common.ts";
import type { RoomMessage } from "../protocol/internal.ts";
import type { EditTold } from "../protocol/session.ts";
import { cancelRun } from "./people.ts";
import type { LiveRun } from "./private.ts";
import { doneBy, forget, wakesOfMessage } from "./taken.ts";
import type { Turn } from "./turn.ts";

type Edited = Extract<RoomMessage, { kind: "message.edited" }>;
type Deleted = Extract<RoomMessage, { kind: "message.deleted" }>;

/** What an edit met at this agent. */
type Met = Pick<EditTold, "state" | "run" | "calls" | "files">;

/** Changes of messages one run can have waiting; whoever changes a message more often is not read as often. */
const WAITING_EDITS = 32;

/** @param session the conversation that learns what became of the edit */
export function edited(turn: Turn, session: string, { message, before, text, by }: Edited): void {
  const taken = wakesOfMessage(turn, message);
  // Forgotten: it was so long ago that the run has ended, by the old text.
  let told: Met | undefined = taken.length === 0 ? { state: "acted" } : undefined;
  for (const [, wake] of taken) {
    const run = turn.run(wake.run);
    if (run && waits(turn, wake.run, run)) {
      if (wake.row === undefined) continue;
      turn.journal(wake.run, wake.row, [{ kind: "prompt", data: { by, text, via: "prompt" } }]);
      told = { state: "replaced", run: wake.run };
    } else if (run) {
      const did = doneBy(turn, wake.run, run);
      tell(turn, wake.run, run, by, `${by.name} changed the message "${before}" to: ${text}\n\n${askToSay(did)}`);
      told = { state: "told", run: wake.run, ...did };
    } else if (wake.did) told = { state: "acted", run: wake.run, ...wake.did };
  }
  if (!told) return;
  const { config } = turn.state;
  turn.say("session", session, {
    kind: "edit.told",
    message,
    agent: config?.id ?? turn.context.room,
    agentName: config?.name ?? "",
    ...told,
  });
}

export function deleted(turn: Turn, { message, before, by }: Deleted): void {
  for (const [key, wake] of wakesOfMessage(turn, message)) {
    const run = turn.run(wake.run);
    if (!run) continue;
    if (!waits(turn, wake.run, run)) {
      tell(turn, wake.run, run, by, `${by.name} deleted the message "${before}". It does not count any more.`);
      continue;
    }
    const others = Object.entries(turn.wakes.keys).filter(([other, { run: its }]) => its === wake.run && other !== key);
    if (wake.row !== undefined && others.length > 0) turn.journal(wake.run, wake.row, [WITHDRAWN]);
    else cancelRun(turn, by, wake.run);
    forget(turn, key);
  }
}

/** True while no runner has read the prompts. */
function waits(turn: Turn, id: string, run: LiveRun): boolean {
  return run.at.kind !== "leased" && turn.state.queue.includes(id);
}

function askToSay({ calls, files }: { calls: number; files: number }): string {
  if (calls === 0) return "You had made no call by then.";
  const call = calls === 1 ? "1 call" : `${calls} calls`;
  const file = files === 1 ? "1 file" : `${files} files`;
  return `By then you had made ${call} and changed ${file}. Say whether you had already acted on the old text.`;
}

/** A steer that lets nothing go on that waits: a changed message is no follow-up. */
function tell(turn: Turn, id: string, run: LiveRun, by: ActorRef, text: string): void {
  if (run.steers.length >= WAITING_EDITS) return;
  const steer = turn.context.newId("st");
  turn.emitRun(id, { type: "steer.queued", steer, by, text });
  turn.setRun(id, { ...run, steers: [...run.steers, { id: steer, by, text }] });
  if (run.at.kind === "leased") turn.tell(id, { type: "steer", steer, by, text });
}
