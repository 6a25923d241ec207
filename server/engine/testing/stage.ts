/** Plays a run of the native loop to its end, over as many claims as it takes, with tools that count what they do. */
import { z } from "zod";
import type { Prompt } from "../../../party/protocol/internal.ts";
import type { Skill } from "../../../skills/skill-file.ts";
import type { Models } from "../../models/registry.ts";
import { createRehearsal } from "../../models/rehearsal/rehearsal.ts";
import type { FilePort, LetGo, RunHandle, VersionsPort } from "../../runtimes/contract.ts";
import type { Sandbox } from "../../tools/sandbox.ts";
import { type AnyTool, anyTool, type ToolContext, type ToolOutcome } from "../../tools/tool.ts";
import type { Clock, Ids } from "../loop/clock.ts";
import { decodeEntries, type Entry } from "../loop/journal.ts";
import { nativeRuntime } from "../loop/native.ts";
import { type Crash, RecordingRoom } from "./recording-room.ts";

export const NO_SANDBOX: Sandbox = { kind: "none", reason: "a test", users: undefined };
export const BUBBLEWRAP: Sandbox = { kind: "bubblewrap", view: { mounts: [], seccomp: undefined }, users: undefined };
/** Keeps nothing: changes go as they come. */
const NO_VERSIONS: VersionsPort = { keep: async (_call, changes) => [...changes] };
/** Nothing came along. */
const NO_FILES: FilePort = {
  load: () => Promise.reject(new Error("there is no file here")),
  place: () => Promise.reject(new Error("there is no file here")),
};
/** Claims after which a run that does not end is a defect. */
const CLAIMS = 60;

export type StageOptions = {
  prompts: string[];
  crashes?: Crash[];
  /** the rehearsal by default */
  models?: Models;
  /** what came with the first prompt */
  cameWith?: Pick<Prompt, "attachments" | "history">;
  files?: FilePort;
  /** runs inside the tools `wait`, `change` and `look` */
  during?(context: ToolContext): Promise<ToolOutcome>;
  /** offered to the claim of this number, from 1 */
  skills?(claim: number): readonly Skill[];
  /** of the machine of the claim of this number, from 1; none by default */
  sandbox?(claim: number): Sandbox;
  /** variables of the run for commands */
  env?: Record<string, string>;
};

/** What people do with an ask: by the number in its arguments, so that it does not depend on when they are asked. */
export function verdictFor(input: string): "allow" | "deny" | "edit" {
  const n = numberOf(input);
  return n % 3 === 0 ? "allow" : n % 3 === 1 ? "deny" : "edit";
}

/** Added to the number of a call whose arguments a person changed. */
const EDITED = 900;

function numberOf(input: string): number {
  return Number(/"n":(\d+)/.exec(input)?.[1] ?? 0);
}

export class Stage {
  readonly room: RecordingRoom;
  /** effects in the order they happened: `change 1` */
  readonly effects: string[] = [];
  /** effects that began before the room had stored that they were called */
  readonly early: string[] = [];
  /** calls running now, and the most there ever were */
  running = 0;
  mostRunning = 0;
  readonly sleeps: number[] = [];
  readonly #options: StageOptions;
  #claims = 0;
  #ids = 0;
  #now = 0;

  constructor(options: StageOptions) {
    this.#options = options;
    this.room = new RecordingRoom(options.prompts, options.crashes);
  }

  /** Claims the run once and starts it. */
  start(): RunHandle {
    const claim = this.room.claim();
    const runtime = nativeRuntime({
      tools: this.#tools(),
      clock: this.#clock,
      ids: this.#newId,
    });
    this.#claims += 1;
    const skills = this.#options.skills?.(this.#claims) ?? [];
    const sandbox = this.#options.sandbox?.(this.#claims) ?? NO_SANDBOX;
    const { models = [createRehearsal()], files = NO_FILES, cameWith } = this.#options;
    Object.assign(claim.claimed.run.prompts[0] ?? {}, cameWith);
    return runtime.start({
      ...claim,
      versions: NO_VERSIONS,
      files,
      models,
      workspace: "/data/workspaces/co_test/ag_test",
      sandbox,
      skills,
      env: this.#options.env ?? {},
    });
  }

  /** Plays to the end; people decide by `verdictFor` and answer every question with "yes". */
  async playOut(): Promise<void> {
    for (let claims = 0; claims < CLAIMS; claims++) {
      const letGo: LetGo = await this.start().done;
      if (this.room.run.state === "ended") return;
      if (letGo === "waiting") this.decideAll();
    }
    throw new Error(`the run did not end within ${CLAIMS} claims: ${this.room.run.why}`);
  }

  decideAll(): void {
    const { approvals, questions } = this.room.open;
    for (const approval of approvals) {
      const input = this.room.approvals.get(approval)?.ask.input ?? "";
      const verdict = verdictFor(input);
      this.room.decide(approval, verdict, verdict === "edit" ? `{"n":${EDITED + numberOf(input)}}` : undefined);
    }
    for (const question of questions) this.room.answer(question, "yes");
  }

  get entries(): Entry[] {
    return decodeEntries(this.room.journal);
  }

  get types(): string[] {
    return this.room.events.map((event) => event.type);
  }

  /** The results the model read, by the order of its calls. */
  get results(): string[] {
    return this.entries.flatMap((entry) => (entry.kind === "result" ? [entry.text] : []));
  }

  #isCalled(name: string, n: number): boolean {
    const input = `{"n":${n >= EDITED ? n - EDITED : n}}`;
    return this.room.events.some((event) => event.type === "tool.called" && event.name === name && event.input === input);
  }

  readonly #clock: Clock = {
    now: () => this.#now++,
    wall: () => 1_700_000_000_000 + this.#now,
    sleep: async (ms, signal) => {
      this.sleeps.push(ms);
      if (!signal.aborted) this.#now += ms;
    },
  };

  readonly #newId: Ids = (prefix) => `${prefix}_${++this.#ids}`;

  #tools(): AnyTool[] {
    const input = z.strictObject({ n: z.number() });
    const run = (name: string) => async (args: { n: number }, context: ToolContext) => {
      this.running += 1;
      this.mostRunning = Math.max(this.mostRunning, this.running);
      this.effects.push(`${name} ${args.n}`);
      if (!this.#isCalled(name, args.n)) this.early.push(`${name} ${args.n}`);
      try {
        const outcome = await this.#options.during?.(context);
        // A turn of the event loop, so that calls of one turn overlap.
        await new Promise((resolve) => setImmediate(resolve));
        return outcome ?? { ok: true, output: `${name} ${args.n} done` };
      } finally {
        this.running -= 1;
      }
    };
    const description = "for tests";
    const command = z.strictObject({ command: z.string(), timeoutMs: z.number().default(1_000) });
    const runCommand = async (args: z.infer<typeof command>) => {
      this.effects.push(`shell ${args.command} ${args.timeoutMs}`);
      return { ok: true, output: "ran" };
    };
    return [
      anyTool({ name: "look", description, input, risk: "read", repeatable: true, run: run("look") }),
      anyTool({ name: "change", description, input, risk: "write", repeatable: false, run: run("change") }),
      anyTool({ name: "send", description, input, risk: "outward", repeatable: false, run: run("send") }),
      anyTool({ name: "shell", description, input: command, risk: "write", repeatable: false, run: runCommand }),
    ];
  }
}

/** Something to wait for, and the way to let it happen. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
