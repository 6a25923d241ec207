/** The runners' side of a room: frames of feeders, parsed here once, and the sockets that hold a run. */
import { type FeederFrame, feederFrame, type Prompt } from "../protocol/internal.ts";
import { CLOSE, LIMITS } from "../protocol/limits.ts";
import type { FeederHold, PrivateRows } from "./core.ts";
import type { Answer } from "./dedupe.ts";
import { parseJson, problemOf } from "./parse.ts";
import type { RoomSocket } from "./ports.ts";
import { readPrompts } from "./prompts.ts";
import type { RoomShell } from "./shell.ts";

/** Entries of a journal sent in one frame, by characters. */
const JOURNAL_FRAME_CHARS = 60_000;

export class FeederIntake<S, P extends PrivateRows, E extends { type: string }> {
  readonly #shell: RoomShell<S, P, E>;

  constructor(shell: RoomShell<S, P, E>) {
    this.#shell = shell;
  }

  /** A frame of a runner's socket. */
  async message(socket: RoomSocket, text: string): Promise<void> {
    const shell = this.#shell;
    if (text.length > LIMITS.internalFrameBytes * 2) return socket.close(CLOSE.tooBig, "frame too big");
    const raw = parseJson(text);
    const parsed = feederFrame.safeParse(raw);
    if (!parsed.success) {
      const problem = problemOf(parsed.error);
      shell.host.log("error", "a runner's frame was malformed", { problem });
      return shell.tell(socket, { type: "nack", n: nOf(raw), code: "invalid", message: problem });
    }
    const frame = parsed.data;
    if (frame.type === "live") return this.#live(socket, frame);
    const answer = shell.run({ kind: "feeder", frame, held: shell.feeders.holdOf(socket) });
    if (frame.type === "claim") await this.#claimed(socket, frame, answer);
    else if (!answer.ok) shell.tell(socket, refusal(frame, answer));
    else shell.tell(socket, frame.type === "renew" ? { type: "renewed" } : { type: "ack", n: frame.n, seq: answer.seq });
    // After the answer: what else the turn says to the runner, its close included, follows what it asked.
    shell.flush();
  }

  #live(socket: RoomSocket, frame: Extract<FeederFrame, { type: "live" }>): void {
    const hold = this.#shell.feeders.holdOf(socket);
    if (hold?.fence === frame.fence) this.#shell.stream.push(frame.items.filter((item) => item.run === hold.run));
  }

  async #claimed(socket: RoomSocket, frame: Extract<FeederFrame, { type: "claim" }>, answer: Answer): Promise<void> {
    const shell = this.#shell;
    if (!answer.ok) return shell.tell(socket, { type: "refused", code: answer.code, message: answer.message });
    shell.feeders.hold(socket, { run: frame.run, runner: frame.runner, fence: frame.fence });
    const prompts = await this.#sendJournal(socket, frame.run);
    const { run, ...rest } = answer.result ?? {};
    shell.tell(socket, { type: "claimed", ...rest, run: Object.assign({ prompts }, run) });
  }

  /** Sends the runner's own entries in parts. @returns the prompts, which the room wrote itself */
  async #sendJournal(socket: RoomSocket, run: string): Promise<Prompt[]> {
    let entries: string[] = [];
    let chars = 0;
    const send = () => {
      if (entries.length > 0) this.#shell.tellText(socket, `{"type":"journal","entries":[${entries.join(",")}]}`);
      entries = [];
      chars = 0;
    };
    const journal = readPrompts(await this.#shell.record.journal(run));
    for (const entry of journal.entries) {
      const text = JSON.stringify(entry);
      if (chars + text.length > JOURNAL_FRAME_CHARS) send();
      entries.push(text);
      chars += text.length;
    }
    send();
    return journal.prompts;
  }
}

/** What a runner's socket remembers across hibernation; `hold` once its claim was granted. */
export type FeederSeat = { k: "feeder"; hold?: FeederHold };

/** The sockets that hold a run now, one a run. */
export class Feeders {
  readonly #tell: (socket: RoomSocket, frame: object) => void;
  readonly #byRun = new Map<string, RoomSocket>();

  constructor(tell: (socket: RoomSocket, frame: object) => void) {
    this.#tell = tell;
  }

  of(run: string): RoomSocket | undefined {
    return this.#byRun.get(run);
  }

  holdOf(socket: RoomSocket): FeederHold | undefined {
    const seat = socket.state;
    return isFeederSeat(seat) ? seat.hold : undefined;
  }

  /** A socket found again after the room slept. */
  restore(socket: RoomSocket, seat: FeederSeat): void {
    if (seat.hold) this.#byRun.set(seat.hold.run, socket);
  }

  /** Binds a granted claim to its socket; an older socket of the run is told that it is fenced. */
  hold(socket: RoomSocket, hold: FeederHold): void {
    const before = this.holdOf(socket);
    if (before && before.run !== hold.run && this.#byRun.get(before.run) === socket) this.#byRun.delete(before.run);
    if (this.#byRun.get(hold.run) !== socket) this.close(hold.run, "fenced");
    const seat: FeederSeat = { k: "feeder", hold };
    socket.setState(seat);
    this.#byRun.set(hold.run, socket);
  }

  /** Lets go of a run's socket. */
  close(run: string, why: "released" | "fenced"): void {
    const socket = this.#byRun.get(run);
    if (!socket) return;
    this.#byRun.delete(run);
    if (why === "fenced") this.#tell(socket, { type: "fenced" });
    const seat: FeederSeat = { k: "feeder" };
    socket.setState(seat);
    socket.close(CLOSE.done, why);
  }

  /** The socket has closed. The lease stays: the runner may be back before it expires. */
  left(socket: RoomSocket): void {
    const held = this.holdOf(socket);
    if (held && this.#byRun.get(held.run) === socket) this.#byRun.delete(held.run);
  }
}

function isFeederSeat(state: unknown): state is FeederSeat {
  return typeof state === "object" && state !== null && "k" in state && state.k === "feeder";
}

function refusal(frame: FeederFrame, answer: Extract<Answer, { ok: false }>): object {
  const { code, message } = answer;
  return code === "fenced" ? { type: "fenced" } : { type: "nack", n: nOf(frame), code, message };
}

function nOf(raw: unknown): number {
  return raw && typeof raw === "object" && "n" in raw && typeof raw.n === "number" ? raw.n : 0;
}
