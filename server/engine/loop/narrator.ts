/** Tells the room what happens in a run: builds the groups of events and journal entries that belong together. Pure. */
import type { AgentConfig, ApprovalAsk } from "../../../party/protocol/agent.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import { argumentsDigest } from "../../../party/protocol/digest.ts";
import type { Prompt, RunInput } from "../../../party/protocol/internal.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import type { EFFECTS, RunEvent, RunLive } from "../../../party/protocol/run-events.ts";
import type { ModelFailure, ToolCallBlock } from "../../models/model.ts";
import type { ClaimedRun, Group, Steer } from "../../runtimes/contract.ts";
import { namedSkills } from "../../skills/named.ts";
import type { FileChange } from "../../tools/tool.ts";
import { fitText, oneLine } from "../fit.ts";
import { cameWith } from "./came-with.ts";
import { answerOf, type Entry, encodeEntry, spentOf } from "./journal.ts";
import type { CallPlan, Runnable } from "./plan.ts";
import type { Ending } from "./step.ts";
import type { TurnResult } from "./turn.ts";

type Bare<E> = E extends RunEvent ? Omit<E, "v" | "run" | "src" | "turn"> : never;
/** An event without what is the same for all events of a run. */
export type BareEvent = Bare<RunEvent>;
export type Effect = (typeof EFFECTS)[number];

/** bytes as JSON of one text in an event: with its journal entry and its frame it stays below the frames' limit */
const TEXT_BYTES = 90_000;
/** The plain question on an approval card, verb and thing; the exact call stands below it. */
const QUESTIONS: Readonly<Record<string, string>> = {
  shell: "Run this command?",
  read_file: "Read this file?",
  write_file: "Write this file?",
  edit_file: "Change this file?",
  list_files: "List these files?",
  search_files: "Search these files?",
};
/** Files of one call that are listed; a command can change thousands. */
const CALL_FILES = 60;

/** How a call ended, for people and for the model. */
export type CallEnd = { ok: boolean; text: string; effect: Effect; ms: number; files: readonly FileChange[] };

export type NarratorOptions = {
  run: RunInput;
  config: AgentConfig;
  fence: number;
  runtime: string;
  model: string;
  /** names of the tools offered */
  tools: readonly string[];
  /** the skills offered */
  skills: ClaimedRun["skills"];
  cwd: string;
  sandbox: string;
  /** what approval cards of unconfined tools warn of */
  notices: ReadonlyMap<string, string>;
};

type Heard = Extract<Entry, { kind: "user" }>;

/** What the room is told at once, and the entries among it as the loop's state takes them. */
export type Told = { group: Group; entries: readonly Entry[] };

export class Narrator {
  readonly #told: NarratorOptions;

  constructor(told: NarratorOptions) {
    this.#told = told;
  }

  #event(bare: BareEvent, turn?: number): RunEvent {
    const { run, runtime } = this.#told;
    return { v: 1, run: run.id, src: { runtime }, ...(turn !== undefined && { turn }), ...bare };
  }

  /** More of a block, from the character `offset` on. */
  delta(block: string, kind: "text" | "thinking", offset: number, text: string): RunLive {
    return { type: "block.delta", run: this.#told.run.id, block, kind, offset, text };
  }

  progress(call: string, text: string): RunLive {
    return { type: "tool.progress", run: this.#told.run.id, call, text };
  }

  /** A group of events with the entries that go on from them. */
  tell(bare: readonly BareEvent[], entries: readonly Entry[] = [], turn?: number): Told {
    const events = bare.map((event) => this.#event(event, turn));
    return { group: entries.length === 0 ? { events } : { events, journal: entries.flatMap(encodeEntry) }, entries };
  }

  /** The first words of a new attempt; blocks that a lost one left open are void. */
  started(attempt: number, openBlocks: readonly RunBlock[]): Told {
    const { model, runtime, tools, cwd, fence, sandbox } = this.#told;
    const skills = this.#told.skills.map(({ name }) => name);
    const started: BareEvent = {
      type: "run.started",
      ...{ runtime, model, tools: [...tools], skills, mcp: [], cwd, attempt, fence, sandbox },
    };
    return this.tell([...voids(openBlocks), started], [{ kind: "started", attempt }]);
  }

  /** The words of an attempt that goes on. */
  continued(openBlocks: readonly RunBlock[]): Told {
    return this.tell([...voids(openBlocks), { type: "run.state", state: "running", why: "Working" }]);
  }

  /** Blocks that nobody will end. */
  voided(openBlocks: readonly RunBlock[]): Told {
    return this.tell(voids(openBlocks));
  }

  /** @param inbox where attached files lie in the workspace, by file; those that are missing could not be had */
  prompt(prompt: Prompt, inbox: ReadonlyMap<string, string>): Told {
    const { by, text, via, attachments = [] } = prompt;
    const came = cameWith(prompt, inbox, this.#told.config.id);
    const missing = attachments.filter(({ file }) => !inbox.has(file)).map(({ name }) => JSON.stringify(name));
    const warned: BareEvent[] =
      missing.length === 0 ? [] : [{ type: "log", level: "warn", text: `Could not be fetched: ${missing.join(", ")}.` }];
    const files = attachments.length > 0 && { attachments };
    const said: BareEvent = { type: "message.user", by, text: fitText(text, TEXT_BYTES), via, ...files };
    return this.tell([said, ...warned], [{ ...this.#heard(by, text, via), ...came }]);
  }

  /** A steer that the model hears now. */
  applied({ id, by, text }: Steer, via: "steer" | "followup"): Told {
    return this.tell(
      [
        { type: "message.user", by, text: fitText(text, TEXT_BYTES), via },
        { type: "steer.applied", steer: id },
      ],
      [this.#heard(by, text, via)],
    );
  }

  /** What the model hears: the text, and the skills it names as they stand now. */
  #heard(by: ActorRef, text: string, via: Heard["via"]): Heard {
    const skills = namedSkills(text, this.#told.skills);
    return { kind: "user", text, by: by.name, via, ...(skills.length > 0 && { skills }) };
  }

  called(block: ToolCallBlock, tool: Runnable, policy: "auto" | "ask", turn: number): Told {
    return this.tell([calledEvent(block, tool.input, policy, tool.risk)], [], turn);
  }

  /** What an allow of a call is bound to: the tool, its arguments, and the folder as this machine's sandbox shows it. */
  digest(tool: string, input: string): string {
    return argumentsDigest(tool, input, this.#told.cwd);
  }

  /** Opens an approval for a call, bound to the arguments by their digest. */
  asked(block: ToolCallBlock, tool: Runnable, approval: string, wallMs: number, turn: number): Told {
    const { run, config, cwd, notices } = this.#told;
    const notice = notices.get(tool.name);
    const short = tool.risk === "spend" || tool.risk === "destroy";
    const shown = {
      approval,
      call: block.call,
      digest: this.digest(tool.name, tool.input),
      risk: tool.risk,
      question: QUESTIONS[tool.name] ?? oneLine(`Use ${tool.name}?`, 500),
      note: notice?.slice(0, 500),
      expiresAt: new Date(wallMs + (short ? LIMITS.approvalShortMs : LIMITS.approvalParkMs)).toISOString(),
    };
    const ask: ApprovalAsk = {
      ...shown,
      agent: config.id,
      agentName: config.name,
      run: run.id,
      runTitle: run.title,
      tool: tool.name,
      input: tool.input,
      cwd,
      cause: run.by.kind === "person" ? run.by : null,
      need: 1,
      ...(notice !== undefined && { everyTime: true }),
    };
    const events: BareEvent[] = [
      calledEvent(block, tool.input, "ask", tool.risk),
      { type: "approval.asked", ...shown, quorum: { need: ask.need } },
    ];
    const told = this.tell(events, [], turn);
    return { ...told, group: { ...told.group, asks: [ask] } };
  }

  /** A call that never runs. */
  refused(block: ToolCallBlock, plan: Extract<CallPlan, { kind: "refuse" }>, turn: number): Told {
    const called = calledEvent(block, fitText(plan.input, TEXT_BYTES), plan.policy, plan.risk);
    const end = endedEvent(block.call, { ok: false, text: plan.why, effect: "none", ms: 0, files: [] });
    return this.tell([called, end], [{ kind: "result", call: block.call, ok: false, text: plan.why }], turn);
  }

  /** How a call ended, and the files it changed. */
  ended(call: string, end: CallEnd, turn: number): Told {
    const text = fitText(end.text, TEXT_BYTES);
    const files = end.files.slice(0, CALL_FILES).map(({ path, op, added, removed, ref }): BareEvent => {
      return { type: "file.changed", call, path, op, added, removed, ...(ref !== undefined && { ref }) };
    });
    return this.tell([endedEvent(call, { ...end, text }), ...files], [{ kind: "result", call, ok: end.ok, text }], turn);
  }

  /** The end of a turn, or of a try the model did not finish, with what it used. */
  turnEnded(model: string, result: TurnResult, turn: number): Told {
    const { blocks, usage, cost, basis, ttftMs } = result;
    const stop = result.end === "failed" ? "error" : result.stop === "pause" ? "end" : result.stop;
    const entry: Entry =
      result.end === "failed"
        ? { kind: "failed", failure: result.failure, usage, cost, basis }
        : { kind: "assistant", blocks, stop: result.stop, usage, cost, basis };
    const events: BareEvent[] = [
      { type: "usage", model, usage, cost, basis },
      { type: "turn.ended", stop, usage, cost, basis, ...(ttftMs !== undefined && { ttftMs }) },
    ];
    return this.tell(events, [entry], turn);
  }

  question(id: string, text: string, options: string[], entries: readonly Entry[], turn: number): Told {
    const told = this.tell([{ type: "question.asked", question: id, text, options }], entries, turn);
    return { ...told, group: { ...told.group, questions: [{ id, text, options }] } };
  }

  /** A question of ours that nobody has to answer any more; it was no call, so the model hears nothing of it. */
  withdrawn(question: string, end: CallEnd, turn: number): Told {
    return this.tell([endedEvent(question, end)], [], turn);
  }

  waiting(why: string): Told {
    return this.tell([{ type: "run.state", state: "waiting", why: oneLine(why, 500) }]);
  }

  retrying(failure: ModelFailure, tries: number, delayMs: number, wallMs: number): Told {
    const why = oneLine(`${failure.message} Trying again in ${Math.ceil(delayMs / 1_000)} s.`, 500);
    return this.tell([
      { type: "run.state", state: "retrying", why, until: new Date(wallMs + delayMs).toISOString() },
      { type: "retry", attempt: tries, delayMs, code: failure.code },
    ]);
  }

  /** Another model goes on with the run. */
  switched(failure: ModelFailure, from: string, to: { name: string; id: string }): Told {
    const text = `${from} did not answer. ${failure.message} ${to.name} goes on.`;
    const events: BareEvent[] = [
      { type: "log", level: "warn", text },
      { type: "run.state", state: "running", why: oneLine(`${to.name} goes on`, 500) },
    ];
    return this.tell(events, [{ kind: "switched", to: to.id }]);
  }

  /** The last words. @param ms running time of all attempts */
  finished(ending: Ending, entries: readonly Entry[], ms: number): Told {
    const text = answerOf(entries);
    const { usage, cost, basis } = spentOf(entries);
    const ended: BareEvent = {
      type: "run.ended",
      outcome: ending.outcome,
      ...(text !== undefined && { text: fitText(text, TEXT_BYTES) }),
      ...(ending.error && { error: ending.error }),
      ...(ending.by && { by: ending.by }),
      usage,
      cost,
      ...(basis && { basis }),
      ms: Math.round(ms),
    };
    return this.tell([ended]);
  }
}

type RunBlock = { block: string; kind: string };

function voids(openBlocks: readonly RunBlock[]): BareEvent[] {
  return openBlocks.map(({ block, kind }) => ({
    type: "block.ended",
    block,
    kind: kind === "thinking" || kind === "tool_input" ? kind : "text",
    text: "",
    void: true,
  }));
}

function calledEvent(block: ToolCallBlock, input: string, policy: "auto" | "ask" | "deny", risk: Runnable["risk"]): BareEvent {
  return { type: "tool.called", call: block.call, name: block.name.slice(0, 100), origin: "native", input, policy, risk };
}

function endedEvent(call: string, { ok, text, effect, ms }: CallEnd): BareEvent {
  return { type: "tool.ended", call, ok, output: text, ms: Math.round(ms), effect };
}
