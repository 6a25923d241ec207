/**
 * The native runtime: our own event-sourced loop. `nextStep` says what to do, this carries it out, tells the room, and asks
 * again. Nothing is kept that the room's journal does not hold, so any runner can go on at any point.
 */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { ActorRef } from "../../../party/protocol/common.ts";
import { LIMITS } from "../../../party/protocol/limits.ts";
import type { Model, ToolCallBlock } from "../../models/model.ts";
import {
  type Answered,
  type ClaimedRun,
  type Decided,
  LeaseLost,
  type LetGo,
  type Release,
  type RunHandle,
  type Runtime,
  type Steer,
} from "../../runtimes/contract.ts";
import { sandboxNotice, shownWorkspace } from "../../tools/sandbox.ts";
import type { AnyTool } from "../../tools/tool.ts";
import { oneLine } from "../fit.ts";
import { take } from "./announce.ts";
import { placeFiles } from "./came-with.ts";
import { type Clock, type Ids, systemClock, systemIds } from "./clock.ts";
import { closing } from "./closing.ts";
import type { DueCall } from "./effects.ts";
import { brokenEnding, halted } from "./halt.ts";
import { decodeEntries, messagesOf, turnsOf } from "./journal.ts";
import { Narrator, type Told } from "./narrator.ts";
import { type CallPlan, type Toolbox, toolbox } from "./plan.ts";
import { RunningCalls } from "./running-calls.ts";
import {
  currentModel,
  isStopped,
  type LoopState,
  restore,
  withAnswer,
  withCall,
  withDecision,
  withEntries,
  withHalt,
  withoutSteers,
  withQuestion,
  withSteer,
} from "./state.ts";
import { type CallAction, type Ending, nextStep, PARK_OPTIONS, type Step } from "./step.ts";
import { systemText } from "./system.ts";
import { playTurn } from "./turn.ts";
import { WatchedRoom } from "./watched-room.ts";

export const NATIVE = "native";

export type NativeOptions = {
  /** the tools of every agent on this machine */
  tools: readonly AnyTool[];
  clock?: Clock;
  ids?: Ids;
};

/** The native loop as a runtime. */
export function nativeRuntime({ tools, clock = systemClock, ids = systemIds }: NativeOptions): Runtime {
  return {
    name: NATIVE,
    start(run) {
      return new NativeRun(run, { tools, clock, ids });
    },
  };
}

/** Tools that run commands: without a sandbox they are asked every time. */
const COMMAND_TOOLS: ReadonlySet<string> = new Set(["shell"]);

/**
 * Steps that let go of the run. Before them every call is over: an allowed one that was not yet reported as carried out would
 * count as unknown.
 */
const LAST_STEPS: ReadonlySet<Step["step"]> = new Set(["wait", "end", "halt"]);

type Parts = { tools: readonly AnyTool[]; clock: Clock; ids: Ids };

class NativeRun implements RunHandle {
  readonly done: Promise<LetGo>;
  readonly #run: ClaimedRun;
  readonly #room: WatchedRoom;
  readonly #parts: Parts;
  readonly #toolbox: Toolbox;
  readonly #plans = new Map<string, CallPlan>();
  readonly #narrator: Narrator;
  readonly #calls: RunningCalls;
  readonly #claimedAt: number;
  /** fires when this process may not or should not go on */
  readonly #quit: AbortSignal;
  readonly #closing = new AbortController();
  /** stops what the run does now, because a person or a limit wants it */
  readonly #stop = new AbortController();
  #state: LoopState;
  #wake: (() => void) | undefined;

  constructor(run: ClaimedRun, parts: Parts) {
    const { claimed, sandbox } = run;
    const notice = sandboxNotice(sandbox);
    const unconfined = new Set(notice === undefined ? [] : COMMAND_TOOLS);
    this.#run = run;
    this.#room = new WatchedRoom(run.room, claimed);
    this.#parts = parts;
    const models = run.models.map(({ id }) => id);
    this.#state = restore(claimed, decodeEntries(run.journal), models);
    this.#toolbox = toolbox(parts.tools, claimed.config.tools, unconfined);
    this.#narrator = new Narrator({
      run: claimed.run,
      config: claimed.config,
      fence: claimed.fence,
      runtime: NATIVE,
      model: this.#model.name,
      tools: this.#toolbox.offered.map((tool) => tool.name),
      skills: run.skills,
      cwd: shownWorkspace(sandbox, run.workspace),
      sandbox: sandbox.kind,
      notices: new Map([...unconfined].map((name) => [name, notice ?? ""])),
    });
    this.#claimedAt = parts.clock.now();
    this.#quit = AbortSignal.any([run.room.lost, this.#closing.signal]);
    this.#quit.addEventListener("abort", () => {
      this.#stop.abort();
      this.#ring();
    });
    const { execute, versions, workspace, env } = run;
    const tell = (told: Told[]) => this.#tell(told);
    const ports = {
      room: this.#room,
      execute,
      versions,
      workspace,
      env,
      clock: parts.clock,
      narrator: this.#narrator,
      tell,
    };
    this.#calls = new RunningCalls(ports, this.#stop.signal, () => this.#ring());
    this.done = this.#drive();
  }

  send(steer: Steer): void {
    if (this.#state.heard.has(steer.id)) return;
    this.#state = withSteer(this.#state, steer);
    this.#room.send([this.#narrator.tell([{ type: "steer.seen", steer: steer.id }]).group]);
    this.#ring();
  }

  interrupt(by: ActorRef): void {
    if (!isStopped(this.#state)) this.#halt({ kind: "interrupt", by: by.name });
  }

  cancel(by: ActorRef): void {
    this.#halt({ kind: "cancel", by });
  }

  answerPermission(decided: Decided): void {
    this.#state = withDecision(this.#state, decided);
    this.#ring();
  }

  answerQuestion(answered: Answered): void {
    this.#state = withAnswer(this.#state, answered);
    this.#ring();
  }

  close(): void {
    this.#closing.abort();
  }

  #halt(halt: NonNullable<LoopState["halt"]>): void {
    this.#state = withHalt(this.#state, halt);
    this.#stop.abort();
    this.#ring();
  }

  async #drive(): Promise<LetGo> {
    const limit = setTimeout(() => this.#halt({ kind: "limit" }), Math.max(0, LIMITS.runMs - this.#run.claimed.run.ranMs));
    try {
      return await this.#goOn();
    } catch (error) {
      if (this.#quit.aborted || error instanceof LeaseLost) return "lost";
      return await this.#endBroken(error);
    } finally {
      clearTimeout(limit);
      this.#stop.abort();
      // What was started is killed before anyone may think that the run is free.
      await this.#calls.over();
    }
  }

  async #goOn(): Promise<LetGo> {
    for (;;) {
      this.#calls.check();
      if (this.#quit.aborted) return "lost";
      const step = nextStep(this.#state, (block) => this.#plan(block));
      if (LAST_STEPS.has(step.step)) {
        if (this.#calls.busy) {
          await this.#calls.over();
          continue;
        }
        // What is still open is known by what the room stored.
        await this.#room.stored();
      }
      const letGo = await this.#carryOut(step);
      if (letGo) return letGo;
    }
  }

  async #carryOut(step: Step): Promise<LetGo | undefined> {
    const { ids, clock } = this.#parts;
    switch (step.step) {
      case "begin":
        await this.#begin();
        return undefined;
      case "calls":
        await this.#take(step.actions);
        return undefined;
      case "hold":
        await this.#woken();
        return undefined;
      case "hear": {
        const via = isStopped(this.#state) ? "followup" : "steer";
        await this.#tell(step.steers.map((steer) => this.#narrator.applied(steer, via)));
        this.#state = withoutSteers(this.#state, step.steers);
        return undefined;
      }
      case "model":
        await this.#turn(step.turn);
        return undefined;
      case "rest": {
        await this.#tell([this.#narrator.retrying(step.failure, step.tries, step.delayMs, clock.wall())]);
        await clock.sleep(step.delayMs, this.#stop.signal);
        if (this.#state.halt) return undefined;
        this.#state = { ...this.#state, rested: step.tries };
        await this.#tell([this.#narrator.tell([{ type: "run.state", state: "running", why: "Trying again" }])]);
        return undefined;
      }
      case "switch": {
        const { models } = this.#run;
        const [from, to] = [models[step.from] ?? models[0], models[step.to] ?? models[0]];
        await this.#tell([this.#narrator.switched(step.failure, from.name, to)]);
        return undefined;
      }
      case "park": {
        const question = ids("q");
        const text = `${this.#run.claimed.config.name} made the same call of ${oneLine(step.name, 100)} ${step.times} times in a row. Should it go on?`;
        const entry = { kind: "parked" as const, question, calls: step.calls };
        await this.#tell([this.#narrator.question(question, text, Object.values(PARK_OPTIONS), [entry], this.#turns())]);
        return undefined;
      }
      case "unpark":
        await this.#tell([this.#narrator.tell([], [{ kind: "went_on" }])]);
        return undefined;
      case "halt":
        return await this.#halted();
      case "wait":
        await this.#tell([this.#narrator.waiting(step.why)], "wait");
        return "waiting";
      case "end":
        await this.#tell(this.#lastWords(step.ending), "end");
        return "ended";
      default:
        return assertNever(step);
    }
  }

  async #begin(): Promise<void> {
    const { files, claimed } = this.#run;
    const { run, openBlocks } = claimed;
    const { entries, attempt, steers } = this.#state;
    const isNew = !entries.some((entry) => entry.kind === "started" && entry.attempt === attempt);
    const told = [isNew ? this.#narrator.started(attempt, openBlocks) : this.#narrator.continued(openBlocks)];
    // Prompts are told in order, in one frame or several: what a lost attempt had told is not told again.
    const heard = entries.filter((entry) => entry.kind === "user" && (entry.via === "prompt" || entry.via === "channel")).length;
    for (const prompt of run.prompts.slice(heard)) told.push(this.#narrator.prompt(prompt, await placeFiles(prompt, files)));
    for (const steer of steers) told.push(this.#narrator.tell([{ type: "steer.seen", steer: steer.id }]));
    await this.#tell(told);
    this.#state = { ...this.#state, begun: true };
  }

  /** The one that answers the next turn. */
  get #model(): Model {
    const { models } = this.#run;
    return models[currentModel(this.#state)] ?? models[0];
  }

  async #turn(turn: number): Promise<void> {
    const { clock, ids } = this.#parts;
    const { claimed, sandbox, workspace, skills, files } = this.#run;
    await this.#room.stored();
    const model = this.#model;
    const request = {
      system: systemText(claimed.config, sandbox, workspace, skills),
      messages: messagesOf(this.#state.entries),
      tools: this.#toolbox.offered,
      skills,
      load: (file: string) => files.load(file),
    };
    const ports = { model, room: this.#room, narrator: this.#narrator, clock, ids };
    const result = await playTurn(ports, request, turn, this.#stop.signal);
    if (this.#quit.aborted) return;
    // Nothing but words follows from it alone: what changes the world waits for a later frame.
    const ended = this.#narrator.turnEnded(model.name, result, turn);
    this.#room.later([ended.group]);
    this.#remember([ended]);
  }

  /** Tells the room of all calls at once, and starts those that may run when it has stored that. */
  async #take(actions: readonly CallAction[]): Promise<void> {
    const turn = this.#turns();
    const told: Told[] = [];
    const due: DueCall[] = [];
    const { ids, clock } = this.#parts;
    for (const action of actions) {
      const next = take(action, { narrator: this.#narrator, turn, approval: () => ids("ap"), wallMs: clock.wall() });
      // Before it is told: a decision may come with the room's acknowledgement.
      if (next.standing) this.#state = withCall(this.#state, action.block.call, next.standing);
      if (next.question) this.#state = withQuestion(this.#state, next.question);
      if (next.told) told.push(next.told);
      if (next.due) due.push(next.due);
    }
    if (told.length > 0) await this.#tell(told);
    for (const call of due) this.#calls.start(call);
  }

  /** Everything has stopped: says how what was open ended, and lets go. */
  async #halted(): Promise<LetGo | undefined> {
    const { told, release, letGo } = halted(this.#state, this.#room.open, this.#narrator, this.#turns(), this.#ranMs());
    await this.#tell(told, release);
    return letGo;
  }

  /** A defect of ours must not leave a run hanging: what it does is stopped, and it ends as failed and says so. */
  async #endBroken(error: unknown): Promise<LetGo> {
    console.error(`run ${this.#run.claimed.run.id} failed in the engine`, error);
    this.#stop.abort();
    await this.#calls.over();
    await this.#room.settled();
    try {
      await this.#tell(this.#lastWords(brokenEnding(error)), "end");
      return "ended";
    } catch {
      // The room takes nothing from us: it starts another attempt, or ends the run itself, when the lease is over.
      return "lost";
    }
  }

  #lastWords(ending: Ending): Told[] {
    const closed = closing(this.#room.open, this.#state, this.#narrator, this.#turns());
    return [...closed, this.#narrator.finished(ending, this.#state.entries, this.#ranMs())];
  }

  async #tell(told: readonly Told[], release?: Release): Promise<void> {
    const groups = told.map((one) => one.group);
    await this.#room.commit(groups, release);
    this.#remember(told);
  }

  #remember(told: readonly Told[]): void {
    const entries = told.flatMap((one) => one.entries);
    this.#state = withEntries(this.#state, entries);
    this.#ring();
  }

  /** Waits until something was reported or said. */
  async #woken(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #ring(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** What is to become of a call; asked once, because tools parse and digest. */
  #plan(block: ToolCallBlock): CallPlan {
    const key = `${block.call} ${block.input}`;
    const known = this.#plans.get(key);
    if (known) return known;
    const plan = this.#toolbox.plan(block);
    this.#plans.set(key, plan);
    return plan;
  }

  #turns(): number {
    return turnsOf(this.#state.entries);
  }

  /** ms this run has been running, earlier claims included */
  #ranMs(): number {
    return this.#run.claimed.run.ranMs + this.#parts.clock.now() - this.#claimedAt;
  }
}
