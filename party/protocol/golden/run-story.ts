/** The events of the agent's runs, in the order of the room's log: one that ends well, then those that do not, or not yet. */
import { argumentsDigest, canonicalJson } from "../digest.ts";
import type { RunEvent, RunLive } from "../run-events.ts";
import { ada, at, BACKUP, ben, CWD, DROPPED, idAt, LOST, type OneOfEach, REPORT, SESSION, TIDY, usage } from "./cast.ts";

const src = { runtime: "native" } as const;
const queued = { v: 1, src, type: "run.queued", source: "person", reason: "asked by Ada Brandt", by: ada } as const;
const tidy = { v: 1, src, run: TIDY.run, turn: 1 } as const;
const report = { v: 1, src, run: REPORT.run } as const;

const shell = (command: string) => {
  const input = canonicalJson({ command });
  return { tool: "shell", input, digest: argumentsDigest("shell", input, CWD) };
};
/** Calls that ask, with their approvals; the company's room shows the same. */
export const ASKS = {
  list: { ...shell("ls -la notes"), call: idAt("call", 20), approval: idAt("ap", 20) },
  commit: { ...shell("git commit -am 'Weekly report'"), call: idAt("call", 50), approval: idAt("ap", 50) },
  push: { ...shell("git push origin main"), call: idAt("call", 52), approval: idAt("ap", 52) },
} as const;
export const ASK_QUESTION = "Run a command in its folder";
export const NO_SANDBOX = "There is no sandbox on this machine: the command can reach everything its user can.";
export const EXPIRES = at(3_600);

const WRITE = idAt("call", 12);
const THINKING = idAt("blk", 8);
const OPEN_BLOCK = idAt("blk", 54);
const STEER = idAt("st", 30);
const LATE_STEER = idAt("st", 32);
export const QUESTION = idAt("q", 26);
export const OPEN_QUESTION = idAt("q", 56);
const OPEN_STEER = idAt("st", 58);
/** How an output too long for its event is shown. */
export const LONG_OUTPUT = { head: "total 3\nplan.md\n", bytes: 20_480, ref: idAt("ref", 22) } as const;

export const runStory = {
  "run.queued": {
    ...queued,
    run: TIDY.run,
    title: TIDY.title,
    source: "chat",
    reason: "a message in Notes",
    subject: { kind: "session", id: SESSION },
    linked: idAt("run", 1),
  },
  "run.started": {
    v: 1,
    src,
    run: TIDY.run,
    type: "run.started",
    runtime: "native",
    model: "rehearsal",
    tools: ["read_file", "write_file", "shell"],
    skills: ["tidy-up"],
    mcp: ["calendar"],
    cwd: CWD,
    attempt: 1,
    fence: 1,
    sandbox: "bubblewrap",
  },
  "message.user": {
    v: 1,
    src,
    run: TIDY.run,
    type: "message.user",
    by: ada,
    text: "Tidy my notes, please.",
    via: "prompt",
    attachments: [{ file: idAt("fi", 4), name: "notes.txt", mime: "text/plain", bytes: 1_204 }],
  },
  "run.state": { v: 1, src, run: TIDY.run, type: "run.state", state: "retrying", why: "Trying again in 2 s", until: at(9) },
  retry: { v: 1, src, run: TIDY.run, type: "retry", attempt: 1, delayMs: 2_000, code: "overloaded" },
  "run.state/running": { v: 1, src, run: TIDY.run, type: "run.state", state: "running", why: "Trying again" },
  "turn.started": { ...tidy, type: "turn.started", model: "rehearsal" },
  "block.started": { ...tidy, type: "block.started", block: THINKING, kind: "thinking" },
  "block.ended": { ...tidy, type: "block.ended", block: THINKING, kind: "thinking", text: "Look first, then write." },
  "plan.changed": { ...tidy, type: "plan.changed", items: [{ text: "List the notes", state: "live" }] },
  "tool.called": {
    ...tidy,
    type: "tool.called",
    call: WRITE,
    name: "write_file",
    origin: "native",
    input: canonicalJson({ path: "notes/plan.md", text: "# Plan\n" }),
    policy: "auto",
    risk: "write",
  },
  "file.changed": {
    ...tidy,
    type: "file.changed",
    call: WRITE,
    path: "notes/plan.md",
    op: "added",
    added: 1,
    removed: 0,
    ref: idAt("ref", 13),
  },
  "tool.ended": { ...tidy, type: "tool.ended", call: WRITE, ok: true, output: "Wrote notes/plan.md.", ms: 4, effect: "done" },
  "artifact.added": {
    ...tidy,
    type: "artifact.added",
    artifact: idAt("ref", 14),
    mime: "text/markdown",
    bytes: 7,
    ref: idAt("ref", 14),
  },
  "tool.called/asks": {
    ...tidy,
    type: "tool.called",
    call: ASKS.list.call,
    name: "shell",
    origin: "native",
    input: ASKS.list.input,
    policy: "ask",
    risk: "outward",
  },
  "approval.asked": {
    ...tidy,
    type: "approval.asked",
    approval: ASKS.list.approval,
    call: ASKS.list.call,
    digest: ASKS.list.digest,
    risk: "outward",
    quorum: { need: 1 },
    expiresAt: EXPIRES,
    question: ASK_QUESTION,
    note: NO_SANDBOX,
  },
  "approval.decided": {
    ...tidy,
    type: "approval.decided",
    approval: ASKS.list.approval,
    call: ASKS.list.call,
    decision: "allow",
    by: [{ by: ben, decision: "allow", at: at(20), note: "Only this once." }],
  },
  "tool.ended/long": {
    ...tidy,
    type: "tool.ended",
    call: ASKS.list.call,
    ok: true,
    output: LONG_OUTPUT,
    ms: 31,
    effect: "done",
  },
  "question.asked": { ...tidy, type: "question.asked", question: QUESTION, text: "Which folder?", options: ["notes", "drafts"] },
  "question.answered": { ...tidy, type: "question.answered", question: QUESTION, by: ada, value: "notes" },
  "steer.queued": { ...tidy, type: "steer.queued", steer: STEER, by: ben, text: "Keep the headings." },
  "steer.seen": { ...tidy, type: "steer.seen", steer: STEER },
  "steer.applied": { ...tidy, type: "steer.applied", steer: STEER },
  "steer.queued/late": { ...tidy, type: "steer.queued", steer: LATE_STEER, by: ben, text: "And sort them." },
  "steer.dropped": { ...tidy, type: "steer.dropped", steer: LATE_STEER, why: "Taken back by Ben Okoro" },
  "agent.spawned": { ...tidy, type: "agent.spawned", child: idAt("run", 33), prompt: "Check the links." },
  log: { ...tidy, type: "log", parent: idAt("run", 33), level: "warn", text: "One link is dead." },
  "agent.ended": { ...tidy, type: "agent.ended", child: idAt("run", 33), ok: true, summary: "One dead link.", usage },
  "voice.state": { ...tidy, type: "voice.state", state: "speaking" },
  "voice.said": { ...tidy, type: "voice.said", who: "Guide", text: "I am done.", final: true },
  compaction: { ...tidy, type: "compaction", before: 90_000, after: 12_000 },
  limit: { ...tidy, type: "limit", kind: "turns", used: 80, cap: 100 },
  usage: { ...tidy, type: "usage", model: "rehearsal", usage, cost: 0, basis: "reported" },
  "turn.ended": { ...tidy, type: "turn.ended", stop: "end", usage, cost: 2_450, basis: "list", ttftMs: 310 },
  "run.ended": {
    ...tidy,
    type: "run.ended",
    outcome: "done",
    text: "The notes are tidy.",
    usage,
    cost: 2_450,
    basis: "unknown",
    ms: 34_000,
  },

  "run.queued/report": { ...queued, run: REPORT.run, title: REPORT.title, subject: { kind: "issue", id: "PLAN-7" } },
  "run.queued/backup": { ...queued, run: BACKUP.run, title: BACKUP.title, subject: { kind: "approval", id: ASKS.push.approval } },
  "run.queued/lost": { ...queued, run: LOST.run, title: LOST.title, subject: { kind: "none" } },
  "run.queued/dropped": { ...queued, run: DROPPED.run, title: DROPPED.title, subject: { kind: "none" } },
  "run.ended/failed": {
    v: 1,
    src,
    run: LOST.run,
    type: "run.ended",
    outcome: "interrupted",
    usage,
    cost: 0,
    ms: 61_000,
    error: {
      code: "runner_lost",
      message: "The runner died 3 times while working on this.",
      retryable: true,
      whatToDo: "Look at the runner's log, then start the run again.",
    },
  },
  "run.ended/cancelled": { v: 1, src, run: DROPPED.run, type: "run.ended", outcome: "aborted", usage, cost: 0, ms: 0, by: ben },
  "block.ended/void": { ...report, type: "block.ended", block: idAt("blk", 48), kind: "text", text: "This", void: true },
  "run.started/again": {
    ...report,
    type: "run.started",
    runtime: "native",
    model: "rehearsal",
    tools: ["shell"],
    skills: [],
    mcp: [],
    cwd: CWD,
    attempt: 2,
    fence: 4,
    sandbox: "bubblewrap",
  },
  "tool.called/allowed": {
    ...report,
    type: "tool.called",
    call: ASKS.commit.call,
    name: "shell",
    origin: "native",
    input: ASKS.commit.input,
    policy: "ask",
    risk: "write",
  },
  "approval.asked/allowed": {
    ...report,
    type: "approval.asked",
    approval: ASKS.commit.approval,
    call: ASKS.commit.call,
    digest: ASKS.commit.digest,
    risk: "write",
    quorum: { need: 1 },
    expiresAt: EXPIRES,
    question: ASK_QUESTION,
  },
  "approval.decided/allowed": {
    ...report,
    type: "approval.decided",
    approval: ASKS.commit.approval,
    call: ASKS.commit.call,
    decision: "allow",
    by: [{ by: ada, decision: "allow", at: at(50) }],
  },
  "tool.called/open": {
    ...report,
    type: "tool.called",
    call: ASKS.push.call,
    name: "shell",
    origin: "native",
    input: ASKS.push.input,
    policy: "ask",
    risk: "outward",
  },
  "approval.asked/open": {
    ...report,
    type: "approval.asked",
    approval: ASKS.push.approval,
    call: ASKS.push.call,
    digest: ASKS.push.digest,
    risk: "outward",
    quorum: { need: 2 },
    expiresAt: EXPIRES,
    question: ASK_QUESTION,
    note: NO_SANDBOX,
  },
  "question.asked/open": { ...report, type: "question.asked", question: OPEN_QUESTION, text: "Who reads it?", options: [] },
  "steer.queued/open": { ...report, type: "steer.queued", steer: OPEN_STEER, by: ben, text: LONG_OUTPUT },
  "block.started/open": { ...report, type: "block.started", block: OPEN_BLOCK, kind: "text" },
  "run.state/waiting": { ...report, type: "run.state", state: "waiting", why: "Waiting for a decision" },
} as const satisfies OneOfEach<RunEvent, "type">;

export const runLiveItems = {
  "block.delta": { type: "block.delta", run: REPORT.run, block: OPEN_BLOCK, kind: "text", offset: 0, text: "This week" },
  "tool.progress": { type: "tool.progress", run: REPORT.run, call: ASKS.commit.call, text: "1 file changed\n", percent: 50 },
  "voice.audio": { type: "voice.audio", run: REPORT.run, n: 1, rate: 24_000, data: "AAAAAA==" },
} as const satisfies OneOfEach<RunLive, "type">;
