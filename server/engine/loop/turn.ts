/** One turn of the model: streams it to the room block by block and returns what came of it. */
import { assertNever } from "../../../party/protocol/assert.ts";
import type { Usage } from "../../../party/protocol/common.ts";
import type { CostBasis } from "../../../party/protocol/run-events.ts";
import { NO_USAGE } from "../../../party/protocol/usage.ts";
import { modelFailure } from "../../models/failures.ts";
import {
  ASK_PERSON,
  type Block,
  type Model,
  type ModelDelta,
  type ModelFailure,
  type ModelRequest,
  type TurnStop,
} from "../../models/model.ts";
import type { RoomPort } from "../../runtimes/contract.ts";
import { fitText } from "../fit.ts";
import type { Clock, Ids } from "./clock.ts";
import type { BareEvent, Narrator } from "./narrator.ts";

/**
 * ms without a delta before the turn is given up: a provider whose connection stays open and silent is as good as gone. A
 * model may name a longer time to its first one.
 */
const SILENCE_MS = 90_000;
/** ms a model may take to stop after it was told to; a person waits at most a second */
const STOP_GRACE_MS = 300;
/** bytes as JSON of a block's text in its event; the journal keeps the whole */
const BLOCK_BYTES = 200_000;

type Ended = {
  blocks: Block[];
  usage: Usage;
  cost: number;
  basis: CostBasis;
} & ({ end: "stopped"; stop: TurnStop } | { end: "failed"; failure: ModelFailure });

/** `ttftMs`: ms to the first delta. */
export type TurnResult = Ended & { ttftMs: number | undefined };

export type TurnPorts = { model: Model; room: RoomPort; narrator: Narrator; clock: Clock; ids: Ids };

/**
 * Plays one turn. The room hears of it while it happens; the caller stores what it returns.
 * @param signal a person's stop, or the end of this process's right to the run
 */
export async function playTurn(ports: TurnPorts, request: ModelRequest, turn: number, signal: AbortSignal): Promise<TurnResult> {
  const { model, clock } = ports;
  const scribe = new Scribe(ports, turn);
  const silent = new AbortController();
  const giveUp = (): void => silent.abort();
  let watchdog = setTimeout(giveUp, model.slowStartMs ?? SILENCE_MS);
  const stop = AbortSignal.any([signal, silent.signal]);
  const startedAt = clock.now();
  let ttftMs: number | undefined;
  let closed = false;

  const listen = async (): Promise<void> => {
    for await (const delta of model.stream(request, stop)) {
      if (closed) return;
      if (ttftMs === undefined) {
        ttftMs = Math.round(clock.now() - startedAt);
        clearTimeout(watchdog);
        watchdog = setTimeout(giveUp, SILENCE_MS);
      } else watchdog.refresh();
      scribe.take(delta);
    }
  };
  try {
    await Promise.race([listen(), goneAfter(stop, STOP_GRACE_MS)]);
  } catch (error) {
    // A model reports its failures as deltas; what it throws is a defect of ours, and the run says so instead of hanging.
    scribe.fail(modelFailure("model_error", `The model's adapter failed: ${error instanceof Error ? error.message : error}`));
  } finally {
    closed = true;
    clearTimeout(watchdog);
  }
  if (silent.signal.aborted && !signal.aborted) scribe.fail(modelFailure("timeout"));
  return { ...scribe.close(signal.aborted), ttftMs };
}

/** Resolves `ms` after the signal fired: for a stream that does not listen to it. */
function goneAfter(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const arm = (): void => void setTimeout(resolve, ms).unref();
    if (signal.aborted) arm();
    else signal.addEventListener("abort", arm, { once: true });
  });
}

type OpenBlock = { block: Block; id: string | undefined };

/** Turns deltas into events as they come and keeps the blocks. */
class Scribe {
  readonly #ports: TurnPorts;
  readonly #turn: number;
  readonly #open = new Map<number, OpenBlock>();
  /** in the order they began; a provider may end them in another */
  readonly #blocks = new Map<number, Block>();
  #usage: Extract<ModelDelta, { type: "usage" }> | undefined;
  /** something was written, whatever became of it */
  #hasBegun = false;
  #stop: TurnStop | undefined;
  #failure: ModelFailure | undefined;

  constructor(ports: TurnPorts, turn: number) {
    this.#ports = ports;
    this.#turn = turn;
    this.#say({ type: "turn.started", model: ports.model.name });
  }

  take(delta: ModelDelta): void {
    switch (delta.type) {
      case "block.start":
        this.#start(delta);
        break;
      case "block.delta":
        this.#grow(delta.index, delta.text);
        break;
      case "block.end":
        this.#end(delta.index, delta.private);
        break;
      case "usage":
        this.#usage = delta;
        break;
      case "note":
        this.#say({ type: "log", level: "warn", text: delta.text });
        break;
      case "stop":
        this.#stop = delta.stop;
        break;
      case "error":
        this.fail(delta.failure);
        break;
      default:
        assertNever(delta);
    }
  }

  fail(failure: ModelFailure): void {
    this.#failure ??= failure;
  }

  /** Ends what is open and returns the turn. @param aborted a person stopped it: what had been said stands */
  close(aborted: boolean): Ended {
    const unfinished = this.#stop || aborted ? undefined : modelFailure("cut");
    const failure = aborted ? undefined : (this.#failure ?? unfinished);
    for (const index of [...this.#open.keys()]) this.#cutOff(index, failure !== undefined);
    const { usage, cost, basis } = this.#usage ?? unreported(this.#hasBegun || this.#stop !== undefined);
    const spent = { blocks: [...this.#blocks.values()], usage, cost, basis };
    // A stop of a person that came with the last delta changes nothing: the turn is whole.
    return failure ? { ...spent, end: "failed", failure } : { ...spent, end: "stopped", stop: this.#stop ?? "aborted" };
  }

  #start(delta: Extract<ModelDelta, { type: "block.start" }>): void {
    const { ids } = this.#ports;
    this.#hasBegun = true;
    const isCall = delta.kind === "tool_call";
    // A question to a person is a call without an effect; its id is the question's, so that the answer finds it.
    const block: Block = isCall
      ? { kind: "tool_call", call: ids(delta.name === ASK_PERSON ? "q" : "call"), name: delta.name, input: "" }
      : { kind: delta.kind, text: "" };
    const id = isCall ? undefined : ids("blk");
    this.#open.set(delta.index, { block, id });
    this.#blocks.set(delta.index, block);
    if (id && !isCall) this.#say({ type: "block.started", block: id, kind: delta.kind });
  }

  #grow(index: number, text: string): void {
    const open = this.#open.get(index);
    if (!open) return;
    if (open.block.kind === "tool_call") {
      open.block.input += text;
      return;
    }
    const offset = open.block.text.length;
    open.block.text += text;
    const { room, narrator } = this.#ports;
    if (open.id) room.live(narrator.delta(open.id, open.block.kind, offset, text));
  }

  #end(index: number, private_: unknown): void {
    const open = this.#open.get(index);
    if (!open) return;
    this.#open.delete(index);
    if (private_ !== undefined) open.block.private = private_;
    this.#ended(open, false);
  }

  /** A block that never ended: a stopped one stands as far as it came, that of a failed try is void, half a call is nothing. */
  #cutOff(index: number, isVoid: boolean): void {
    const open = this.#open.get(index);
    if (!open) return;
    this.#open.delete(index);
    if (open.block.kind === "tool_call" || isVoid) this.#blocks.delete(index);
    this.#ended(open, isVoid);
  }

  #ended({ block, id }: OpenBlock, isVoid: boolean): void {
    if (block.kind === "tool_call" || !id) return;
    const text = fitText(block.text, BLOCK_BYTES);
    this.#say({ type: "block.ended", block: id, kind: block.kind, text, ...(isVoid && { void: true }) });
  }

  #say(event: BareEvent): void {
    const { room, narrator } = this.#ports;
    room.send([narrator.tell([event], [], this.#turn).group]);
  }
}

/** Who did not begin used nothing; who wrote and does not say what it cost has a cost nobody knows. */
function unreported(hasBegun: boolean): Pick<Ended, "usage" | "cost" | "basis"> {
  return { usage: NO_USAGE, cost: 0, basis: hasBegun ? "unknown" : "reported" };
}
