/** Carries out one call: claims the right to where people had to allow it, runs the tool, and tells the room how it ended. */
import type { ToolCallBlock } from "../../models/model.ts";
import { type ClaimedRun, type Decided, LeaseLost } from "../../runtimes/contract.ts";
import { withoutRunToken } from "../../tools/run-token.ts";
import type { ToolOutcome } from "../../tools/tool.ts";
import type { Clock } from "./clock.ts";
import type { CallEnd, Effect, Narrator, Told } from "./narrator.ts";
import { type Runnable, shownInput } from "./plan.ts";
import { namesOf } from "./step.ts";

/** ms a tool may take to wind up after a stop; then its outcome is unknown and the run goes on without it */
const STOP_GRACE_MS = 700;

export type EffectPorts = Pick<ClaimedRun, "room" | "execute" | "versions" | "workspace" | "env"> & {
  narrator: Narrator;
  clock: Clock;
  /** stores what is told and takes its entries into the loop's state */
  tell(told: Told[]): Promise<void>;
};

/** A call that may be carried out now: automatic, or allowed by `decided`. */
export type DueCall = { block: ToolCallBlock; tool: Runnable; decided?: Decided; turn: number };

/**
 * Runs a call to its end and stores the end.
 * @param signal fires when the run is stopped; what the tool started is then killed
 * @throws LeaseLost when another runner may go on: nothing was said
 */
export async function carryOut(ports: EffectPorts, due: DueCall, signal: AbortSignal): Promise<void> {
  const done = await perform(ports, due, signal);
  // Before it is told: whoever reads of a change can open what it made.
  const end = done.files.length === 0 ? done : { ...done, files: await ports.versions.keep(due.block.call, done.files) };
  await ports.tell([ports.narrator.ended(due.block.call, end, due.turn)]);
  if (due.decided && end.claimed) await ports.execute.done(due.decided.approval, end.effect);
}

async function perform(
  ports: EffectPorts,
  { block, tool, decided }: DueCall,
  signal: AbortSignal,
): Promise<CallEnd & { claimed: boolean }> {
  const { room, execute, clock, narrator } = ports;
  const startedAt = clock.now();
  const nothing = { ok: false, ms: 0, files: [], claimed: false };
  if (decided) {
    const claim = await execute.claim(decided.approval, narrator.digest(tool.name, allowedInput(decided, tool)));
    if (!claim.ok) return { ...nothing, text: claim.why, effect: claim.effect };
  }
  // After a freeze of this process the lease may belong to another runner: look at the clock before the world is changed.
  if (!room.held()) throw new LeaseLost("the lease may have passed to another runner");
  const claimed = decided !== undefined;
  if (signal.aborted) return { ...nothing, text: "The run was stopped before this began.", effect: "none", claimed };

  const outcome = await runTool(ports, block, tool, signal);
  const text = [...preface(decided, tool), outcome.output].join("\n");
  const ms = clock.now() - startedAt;
  return { ok: outcome.ok, text, effect: effectOf(tool, outcome), ms, files: outcome.files ?? [], claimed };
}

/**
 * The arguments about to run, as people saw them. Never the digest the decision came with: where another sandbox, folder
 * or tool was found since the ask, the company's room must be able to see that this is not what was allowed.
 */
function allowedInput(decided: Decided, tool: Runnable): string {
  // An edit is bound to what the person wrote; the tool may have filled in what they left out.
  return decided.decision === "edit" && decided.input !== undefined ? shownInput(decided.input) : tool.input;
}

/** The tool's outcome; a tool that throws or does not stop is an answer too, of unknown effect. */
async function runTool(
  { room, narrator, workspace, env }: EffectPorts,
  block: ToolCallBlock,
  tool: Runnable,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const progress = (text: string): void => room.live(narrator.progress(block.call, withoutRunToken(text, env)));
  const running = tool.run({ workspace, signal, env, progress }).catch((error: unknown): ToolOutcome => {
    console.error(`the tool ${tool.name} failed`, error);
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, output: `The tool ${tool.name} failed unexpectedly (${why}). Whether it had an effect is unknown.` };
  });
  const late: ToolOutcome = { ok: false, output: "The run was stopped while this ran. Whether it had an effect is unknown." };
  const outcome = await withGrace(running, late, signal);
  return { ...outcome, output: withoutRunToken(outcome.output, env) };
}

function withGrace<T>(running: Promise<T>, late: T, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const arm = (): void => {
      timer = setTimeout(() => resolve(late), STOP_GRACE_MS);
    };
    if (signal.aborted) arm();
    else signal.addEventListener("abort", arm, { once: true });
    running.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", arm);
    });
  });
}

/** What a call did to the world, as far as its outcome tells. */
export function effectOf(tool: Pick<Runnable, "risk">, outcome: ToolOutcome): Effect {
  if (tool.risk === "read" || outcome.refused) return "none";
  return outcome.ok || outcome.exitCode !== undefined || outcome.files?.length ? "done" : "unknown";
}

/** What the model must know of how people let a call pass. */
function preface(decided: Decided | undefined, tool: Runnable): string[] {
  if (!decided) return [];
  const who = namesOf(decided);
  const edited =
    decided.decision === "edit" ? [`${who} changed the arguments before allowing this. It ran with: ${tool.input}`] : [];
  return decided.note ? [...edited, `${who} said: ${decided.note}`] : edited;
}
