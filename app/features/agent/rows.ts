import type { ActorRef, LongText, Risk, RunError, Usage } from "../../../party/protocol/common.ts";
import type { CostBasis, Outcome, RunEvent, Stamped, Vote } from "../../../party/protocol/run-events.ts";

/** A tool call of a transcript: open until it has an end. */
export interface CallRow {
  call: string;
  name: string;
  input: LongText;
  risk: Risk;
  at: string;
  /** whether people were asked, and what they said */
  asked?: "open" | "allowed" | "refused";
  end?: { ok: boolean; output: LongText; ms: number; effect: "none" | "done" | "unknown" };
  files: { path: string; op: "added" | "changed" | "removed"; added: number; removed: number }[];
}

/** Consent that was asked for, as the run's own log knows it; the company's room knows the rest while it is open. */
export interface GateRow {
  approval: string;
  name: string;
  input: LongText;
  question: string;
  note?: string;
  risk: Risk;
  need: number;
  expiresAt: string;
  /** the call ended before anyone decided */
  brokenOffAt?: string;
  decision?: { kind: "allow" | "deny" | "edit" | "expired" | "superseded"; by: readonly Vote[]; at: string };
}

export type Row = { key: string; at: string } & (
  | { kind: "user"; by: ActorRef; text: LongText; via: "prompt" | "steer" | "followup" | "channel" }
  | {
      kind: "block";
      block: string;
      style: "text" | "thinking";
      state: "open" | "closed" | "void";
      text?: LongText;
      endedAt?: string;
    }
  | { kind: "tools"; calls: readonly CallRow[] }
  | { kind: "gate"; gate: GateRow }
  | {
      kind: "question";
      question: string;
      text: string;
      options: readonly string[];
      answer?: { by: ActorRef; value: string };
      brokenOff?: true;
    }
  | { kind: "note"; tone: "idle" | "wait" | "fail"; text: string; detail?: LongText }
  | { kind: "file"; path: string; op: "added" | "changed" | "removed"; added: number; removed: number }
  | { kind: "end"; outcome: Outcome; error?: RunError; by?: ActorRef; usage: Usage; cost: number; basis?: CostBasis; ms: number }
);
export type RowOf<K extends Row["kind"]> = Extract<Row, { kind: K }>;

/** characters of a note that stands in the transcript as it is */
const SENTENCE_CHARS = 300;

/** The rows of one run, built event by event. Rows that change are replaced, never written to, so lists can compare them. */
export class RowBuilder {
  #rows: Row[] = [];
  /** index of the row of a block, call, approval or question */
  readonly #index = new Map<string, number>();
  /** approvals and questions that wait for a person, by call */
  readonly #asks = new Map<string, string>();
  /** blocks of the turn that has not ended */
  #turn: string[] = [];
  /** index of the row that an event made, or that it changed first, by its seq */
  readonly #steps = new Map<number, number>();
  /** of the event that is folded */
  #seq = 0;

  /** The rows so far; a new array after each `add` that changed something. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  add(events: readonly Stamped<RunEvent>[]): void {
    if (events.length === 0) return;
    this.#rows = [...this.#rows];
    for (const event of events) {
      this.#seq = event.seq;
      this.#fold(event);
    }
  }

  /** The index of the row in which a step shows; of one that shows nowhere, of the row above it. Undefined without rows. */
  rowOf(seq: number): number | undefined {
    const known = this.#steps.get(seq);
    if (known !== undefined) return known;
    const above = this.#rows.findLastIndex((row) => Number(row.key) <= seq);
    return this.#rows.length === 0 ? undefined : Math.max(0, above);
  }

  /** A builder that goes on from here by itself; this one stays as it is. */
  fork(): RowBuilder {
    const copy = new RowBuilder();
    copy.#rows = [...this.#rows];
    for (const [id, index] of this.#index) copy.#index.set(id, index);
    for (const [call, ask] of this.#asks) copy.#asks.set(call, ask);
    copy.#turn = [...this.#turn];
    return copy;
  }

  #fold(event: Stamped<RunEvent>): void {
    const { at } = event;
    const key = String(event.seq);
    switch (event.type) {
      case "message.user":
        this.#push({ key, at, kind: "user", by: event.by, text: event.text, via: event.via });
        break;
      case "run.started":
        this.#breakOff();
        if (event.attempt > 1) this.#say(key, at, "wait", `The run was taken over and goes on, attempt ${event.attempt}`);
        break;
      case "turn.started":
        this.#breakOff();
        break;
      case "turn.ended":
        this.#turn = [];
        break;
      case "block.started":
        this.#turn.push(event.block);
        if (event.kind !== "tool_input")
          this.#push({ key, at, kind: "block", block: event.block, style: event.kind, state: "open" }, event.block);
        break;
      case "block.ended":
        this.#change(event.block, "block", (row) => ({
          ...row,
          state: event.void ? "void" : "closed",
          text: event.text,
          endedAt: at,
        }));
        break;
      case "tool.called":
        this.#call(key, { call: event.call, name: event.name, input: event.input, risk: event.risk, at, files: [] });
        break;
      case "tool.ended": {
        const { ok, output, ms, effect } = event;
        this.#changeCall(event.call, (call) => ({ ...call, end: { ok, output, ms, effect } }));
        this.#breakOffAsk(event.call, at);
        break;
      }
      case "file.changed": {
        const { path, op, added, removed } = event;
        const known =
          event.call !== undefined &&
          this.#changeCall(event.call, (call) => ({ ...call, files: [...call.files, { path, op, added, removed }] }));
        if (!known) this.#push({ key, at, kind: "file", path, op, added, removed });
        break;
      }
      case "approval.asked":
        this.#gate(key, event);
        break;
      case "approval.decided":
        this.#asks.delete(event.call);
        this.#change(event.approval, "gate", (row) => ({
          ...row,
          gate: { ...row.gate, decision: { kind: event.decision, by: event.by, at } },
        }));
        this.#changeCall(event.call, (call) => ({
          ...call,
          asked: event.decision === "allow" || event.decision === "edit" ? "allowed" : "refused",
        }));
        break;
      case "question.asked":
        // A question asked by a call has the call's id.
        this.#asks.set(event.question, event.question);
        this.#push(
          { key, at, kind: "question", question: event.question, text: event.text, options: event.options },
          event.question,
        );
        break;
      case "question.answered":
        this.#asks.delete(event.question);
        this.#change(event.question, "question", (row) => ({ ...row, answer: { by: event.by, value: event.value } }));
        break;
      case "run.ended":
        for (const call of [...this.#asks.keys()]) this.#breakOffAsk(call, at);
        this.#push({
          key,
          at,
          kind: "end",
          outcome: event.outcome,
          error: event.error,
          by: event.by,
          usage: event.usage,
          cost: event.cost,
          basis: event.basis,
          ms: event.ms,
        });
        break;
      default:
        this.#note(key, at, event);
    }
  }

  /** What the run noted about itself: in full when it is a sentence, behind a title when it is long. */
  #log(key: string, at: string, { level, text }: Extract<RunEvent, { type: "log" }>): void {
    const tone = level === "error" ? "fail" : level === "warn" ? "wait" : "idle";
    if (typeof text === "string" && text.length <= SENTENCE_CHARS) this.#say(key, at, tone, text);
    else this.#say(key, at, tone, "Note of the run", text);
  }

  /** Events that say something in one line, or nothing at all in a transcript. */
  #note(key: string, at: string, event: Stamped<RunEvent>): void {
    const note = (tone: RowOf<"note">["tone"], text: string, detail?: LongText): void => this.#say(key, at, tone, text, detail);
    switch (event.type) {
      case "steer.dropped":
        note("wait", "A note to the run was not applied", event.why);
        break;
      case "retry":
        note("wait", `Trying again in ${Math.ceil(event.delayMs / 1_000)} s`, event.code);
        break;
      case "limit":
        note("wait", `Reached the limit of ${event.kind}: ${event.used} of ${event.cap}`);
        break;
      case "compaction":
        note("idle", `Shortened its memory from ${event.before} to ${event.after} tokens`);
        break;
      case "agent.spawned":
        note("idle", "Handed work to another agent", event.prompt);
        break;
      case "agent.ended":
        note(event.ok ? "idle" : "fail", event.ok ? "The other agent finished" : "The other agent failed", event.summary);
        break;
      case "log":
        this.#log(key, at, event);
        break;
      default:
        break;
    }
  }

  #say(key: string, at: string, tone: RowOf<"note">["tone"], text: string, detail?: LongText): void {
    this.#push({ key, at, kind: "note", tone, text, detail });
  }

  /** A turn that never ended is said again from its beginning: what it had said already counts as broken off. */
  #breakOff(): void {
    for (const block of this.#turn) this.#change(block, "block", (row) => ({ ...row, state: "void" }));
    this.#turn = [];
  }

  #call(key: string, call: CallRow): void {
    const last = this.#rows.at(-1);
    if (last?.kind === "tools") {
      this.#rows[this.#rows.length - 1] = { ...last, calls: [...last.calls, call] };
      this.#index.set(call.call, this.#rows.length - 1);
      this.#steps.set(this.#seq, this.#rows.length - 1);
    } else this.#push({ key, at: call.at, kind: "tools", calls: [call] }, call.call);
  }

  #gate(key: string, event: Extract<Stamped<RunEvent>, { type: "approval.asked" }>): void {
    const call = this.#findCall(event.call);
    this.#changeCall(event.call, (known) => ({ ...known, asked: "open" }));
    const { approval, question, note, risk, expiresAt } = event;
    this.#asks.set(event.call, approval);
    this.#push(
      {
        key,
        at: event.at,
        kind: "gate",
        gate: {
          approval,
          name: call?.name ?? "",
          input: call?.input ?? "",
          question,
          note,
          risk,
          need: event.quorum.need,
          expiresAt,
        },
      },
      approval,
    );
  }

  /** What ends undecided leaves nothing to decide or to answer. */
  #breakOffAsk(call: string, at: string): void {
    const ask = this.#asks.get(call);
    if (ask === undefined) return;
    this.#asks.delete(call);
    this.#change(ask, "gate", (row) => ({ ...row, gate: { ...row.gate, brokenOffAt: at } }));
    this.#change(ask, "question", (row) => ({ ...row, brokenOff: true }));
  }

  #findCall(call: string): CallRow | undefined {
    const index = this.#index.get(call);
    const row = index === undefined ? undefined : this.#rows[index];
    return row?.kind === "tools" ? row.calls.find((one) => one.call === call) : undefined;
  }

  #changeCall(call: string, change: (call: CallRow) => CallRow): boolean {
    return this.#change(call, "tools", (row) => ({
      ...row,
      calls: row.calls.map((one) => (one.call === call ? change(one) : one)),
    }));
  }

  #change<K extends Row["kind"]>(id: string, kind: K, change: (row: RowOf<K>) => RowOf<K>): boolean {
    const index = this.#index.get(id);
    const row = index === undefined ? undefined : this.#rows[index];
    if (index === undefined || !row || !isKind(row, kind)) return false;
    this.#rows[index] = change(row);
    // What an event is about comes first; what else it changes follows from that.
    if (!this.#steps.has(this.#seq)) this.#steps.set(this.#seq, index);
    return true;
  }

  #push(row: Row, id?: string): void {
    if (id !== undefined) this.#index.set(id, this.#rows.length);
    this.#steps.set(this.#seq, this.#rows.length);
    this.#rows.push(row);
  }
}

function isKind<K extends Row["kind"]>(row: Row, kind: K): row is RowOf<K> {
  return row.kind === kind;
}
