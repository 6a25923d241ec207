/** Frames between our own processes: links, feeders, deliveries, the archive, the runners' control socket. */
import type { ArchiveHeadRequest } from "../archive-head.ts";
import type { Wake } from "../common.ts";
import type {
  ArchiveRequest,
  CallStanding,
  Delivery,
  DispatchRequest,
  EventsPage,
  FeederAnswer,
  FeederFrame,
  JournalEntry,
  LinkBatch,
  LinkItem,
  OpAnswer,
  Prompt,
  RecordChange,
  RoomMessage,
  RoomOp,
  RunInput,
  RunnerCommand,
  RunnerFrame,
  RunTokenClaims,
  StatePage,
} from "../internal.ts";
import type { Message } from "../session.ts";
import {
  AGENT,
  ada,
  adaActor,
  at,
  BACKUP,
  BROWSER_SESSION,
  ben,
  COMPANY,
  guide,
  idAt,
  type OneOfEach,
  REPORT,
  ROOM_EPOCH,
  RUNNER,
  SESSION,
  TIDY,
} from "./cast.ts";
import { agentConfig, agentEvents, ask, attached, question, roster, sessionConfig, sessionEvents, states } from "./rooms.ts";
import { ASKS, LONG_OUTPUT, OPEN_QUESTION, QUESTION, runLiveItems, runStory } from "./run-story.ts";
import { aCommandOf } from "./viewers.ts";

/** Of the instance: grows with each restore, so that nothing from before it counts. */
const GENERATION = 1;
const vote = { by: ben, decision: "allow", at: at(20), note: "Only this once." } as const;

/** A message as the archive has it. */
const aMessage: Message = { id: idAt("msg", 2), by: ada, text: "Tidy my notes, please.", at: at(2), mentions: [AGENT] };

const wake = {
  key: "cmd:0b6f1c52-7e0a-4f5e-9c59-2f6d3c1a8e47",
  source: "chat",
  reason: "a message in Notes",
  subject: { kind: "session", id: SESSION },
  prompt: "Tidy my notes, please.",
  requestedBy: ada,
  at: at(2),
  attachments: [attached],
  history: [
    { by: ben, text: "The notes are in a state.", at: at(1) },
    { by: ada, text: "", at: at(1), attachments: [attached] },
  ],
} satisfies Wake;

// ── the link ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const recordChanges = {
  company: { kind: "company", config: { id: COMPANY, name: "Harbour Books", prefix: "HAR", fourEyes: false } },
  member: { kind: "member", member: { id: ben.id, name: ben.name, role: "operator", rights: 2 }, by: ada },
  "member.removed": { kind: "member.removed", id: ben.id, name: ben.name, rights: 3, by: ada },
  agent: { kind: "agent", config: agentConfig },
  "agent.removed": { kind: "agent.removed", agent: AGENT },
  session: { kind: "session", config: sessionConfig },
  lane: { kind: "lane", session: SESSION, people: [ada.id, ben.id] },
  "session.revoked": { kind: "session.revoked", session: BROWSER_SESSION },
  activity: { kind: "activity", by: ada, text: "changed the instructions of Guide", agent: AGENT },
  purge: { kind: "purge" },
} as const satisfies OneOfEach<RecordChange, "kind">;

export const roomOps = {
  record: { op: "record", generation: GENERATION, row: 7, change: recordChanges.agent },
  command: { op: "command", actor: adaActor, deadline: at(30), command: aCommandOf.agent },
  "command/of the company": { op: "command", actor: adaActor, command: aCommandOf.company },
  "command/of a session": { op: "command", actor: adaActor, command: aCommandOf.session, known: [aMessage] },
  wake: { op: "wake", wake },
  "runner.gone": { op: "runner.gone", runner: RUNNER },
  "approval.execute": {
    op: "approval.execute",
    approval: ask.approval,
    digest: ask.digest,
    fence: 1,
    run: TIDY.run,
  },
  "approval.executed": { op: "approval.executed", approval: ask.approval, fence: 1, run: TIDY.run, effect: "done" },
} as const satisfies OneOfEach<RoomOp, "op">;

const items: LinkItem[] = [
  { n: 1, id: "outbox:1:7", body: roomOps.record },
  { n: 2, id: wake.key, body: roomOps.wake },
];
export const linkBatch = { type: "batch", items } satisfies LinkBatch;

export const opAnswers = {
  taken: { n: 1, ok: true, seq: 1 },
  "taken/result": { n: 2, ok: true, seq: 2, result: { runId: TIDY.run } },
  refused: { n: 3, ok: false, code: "paused", message: "Guide is paused. Resume it first.", retryable: false },
  "refused/somebody was first": {
    n: 4,
    ok: false,
    code: "already_decided",
    message: "Ben Okoro decided first: allow.",
    retryable: false,
    winner: { by: { id: ben.id, name: ben.name }, decision: "allow", at: at(20), note: "Only this once." },
  },
} as const satisfies Record<string, OpAnswer>;

// ── the feeder ───────────────────────────────────────────────────────────────────────────────────────────────────────

const journal: JournalEntry = { kind: "result", data: { kind: "result", call: ASKS.list.call, ok: true, text: "plan.md" } };
/** What the room itself keeps in a run's journal. */
export const prompt = {
  by: ada,
  text: wake.prompt,
  via: "prompt",
  attachments: wake.attachments,
  history: wake.history,
} satisfies Prompt;

export const feederFrames = {
  claim: { type: "claim", run: TIDY.run, runner: RUNNER, fence: 1 },
  renew: { type: "renew" },
  events: {
    type: "events",
    fence: 1,
    n: 3,
    events: [runStory["tool.called/asks"], runStory["approval.asked"], runStory["question.asked"]],
    journal: [journal],
    asks: [ask],
    questions: [{ id: QUESTION, text: question.text, options: [...question.options] }],
    release: "wait",
  },
  live: { type: "live", fence: 4, items: Object.values(runLiveItems) },
} as const satisfies OneOfEach<FeederFrame, "type">;

const run: RunInput = {
  id: REPORT.run,
  title: REPORT.title,
  subject: { kind: "issue", id: "PLAN-7" },
  by: ada,
  prompts: [prompt],
  attempt: 2,
  ranMs: 12_000,
};

const calls: CallStanding[] = [
  { call: idAt("call", 49), policy: "auto", ended: true },
  {
    call: ASKS.commit.call,
    policy: "ask",
    approval: {
      id: ASKS.commit.approval,
      digest: ASKS.commit.digest,
      decision: "edit",
      input: '{"command":"git commit -am Report"}',
      by: [{ name: ada.name }],
      note: "Shorter.",
    },
    ended: false,
  },
];

export const feederAnswers = {
  journal: { type: "journal", entries: [journal] },
  claimed: {
    type: "claimed",
    fence: 4,
    last: 0,
    run,
    config: agentConfig,
    calls,
    questions: [{ id: OPEN_QUESTION, answer: { by: ada, value: "Everybody" } }, { id: QUESTION }],
    steers: [{ id: idAt("st", 30), by: ben, text: "Keep the headings." }],
    openBlocks: [{ block: idAt("blk", 48), kind: "text" }],
    interrupted: false,
  },
  refused: { type: "refused", code: "fenced", message: "Another runner has this run, or will get it." },
  ack: { type: "ack", n: 3, seq: Object.keys(agentEvents).length },
  renewed: { type: "renewed" },
  fenced: { type: "fenced" },
  nack: { type: "nack", n: 4, code: "invalid", message: "events.0.run: too long" },
  steer: { type: "steer", steer: idAt("st", 30), by: ben, text: "Keep the headings." },
  decided: {
    type: "decided",
    call: ASKS.list.call,
    approval: ASKS.list.approval,
    digest: ASKS.list.digest,
    decision: "edit",
    input: '{"command":"ls notes"}',
    by: [{ name: ben.name }],
    note: "Only this once.",
  },
  answered: { type: "answered", question: QUESTION, by: ada, value: "notes" },
  interrupt: { type: "interrupt", by: ben },
  cancel: { type: "cancel", by: ben },
} as const satisfies OneOfEach<FeederAnswer, "type">;

// ── between rooms ────────────────────────────────────────────────────────────────────────────────────────────────────

export const roomMessages = {
  roster: { kind: "roster", entry: roster },
  doing: { kind: "doing", agent: AGENT, doing: "Writing", call: "write_file notes/plan.md" },
  "approval.ask": { kind: "approval.ask", ask },
  "approval.ask/nobody asked for it": { kind: "approval.ask", ask: { ...ask, cause: null } },
  "approval.cancel": {
    kind: "approval.cancel",
    run: TIDY.run,
    why: "The call was broken off",
    only: { approvals: [ask.approval], questions: [QUESTION] },
  },
  "approval.lost": { kind: "approval.lost", run: TIDY.run, below: 2 },
  "question.ask": { kind: "question.ask", question: { ...question, options: [...question.options] } },
  activity: { kind: "activity", by: guide, text: "finished Tidy the notes", agent: AGENT, run: TIDY.run },
  "approval.decided": {
    kind: "approval.decided",
    approval: ask.approval,
    run: TIDY.run,
    call: ask.call,
    digest: ask.digest,
    decision: "edit",
    input: '{"command":"ls notes"}',
    by: [vote],
  },
  "question.answered": { kind: "question.answered", question: QUESTION, run: TIDY.run, by: ada, value: "notes" },
  stop: { kind: "stop", by: ben },
  "lane.status": { kind: "lane.status", paused: { by: ada, reason: "manual", note: "Until Monday." }, by: ada },
  "lane.status/works again": { kind: "lane.status", paused: null, by: ada },
  "lane.busy": { kind: "lane.busy", session: SESSION, live: 1 },
  "presence.join": { kind: "presence.join", person: ada.id, rights: 3 },
  "presence.leave": { kind: "presence.leave", person: ada.id },
  rights: { kind: "rights", person: ben.id, role: "member", rights: 4 },
  "rights/none": { kind: "rights", person: ben.id, role: null, rights: 5 },
  "session.revoked": { kind: "session.revoked", session: BROWSER_SESSION },
  wake: { kind: "wake", wake },
  "wake/about nothing": { kind: "wake", wake: { ...wake, source: "person", subject: { kind: "none" } } },
  "message.edited": {
    kind: "message.edited",
    message: aMessage.id,
    before: "Tidy my notes, please.",
    text: "Tidy my notes and the drafts, please.",
    by: ada,
  },
  "message.deleted": { kind: "message.deleted", message: aMessage.id, before: "Tidy my notes, please.", by: ada },
  touched: { kind: "touched", session: SESSION, seq: 14, at: at(13) },
  "edit.told": {
    kind: "edit.told",
    message: aMessage.id,
    agent: AGENT,
    agentName: "Guide",
    state: "told",
    run: TIDY.run,
    calls: 2,
    files: 0,
  },
  "answer.started": { kind: "answer.started", run: TIDY.run, agent: AGENT, agentName: "Guide", message: aMessage.id },
  "answer.ended": {
    kind: "answer.ended",
    run: TIDY.run,
    agent: AGENT,
    agentName: "Guide",
    message: aMessage.id,
    outcome: "done",
    text: "The notes are tidy.",
    note: "It stopped early: 80 of 100 turns.",
  },
  "answer.stop": { kind: "answer.stop", run: TIDY.run, by: adaActor },
  "answer.stop/all": { kind: "answer.stop", by: adaActor },
} as const satisfies OneOfEach<RoomMessage, "kind">;

export const delivery = {
  from: { party: "agent", room: AGENT, epoch: ROOM_EPOCH },
  messages: [{ n: 1, message: roomMessages.roster }],
} satisfies Delivery;

// ── the api ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const dispatchRequest = {
  company: COMPANY,
  agent: AGENT,
  lane: SESSION,
  run: BACKUP.run,
  generation: GENERATION,
  fence: 5,
} satisfies DispatchRequest;

export const archiveHeadRequest = { party: "agent", room: AGENT } satisfies ArchiveHeadRequest;

const lastOf = <E>(events: Readonly<Record<string, E>>): E[] => Object.values(events).slice(-2);

export const archiveRequest = {
  party: "session",
  room: SESSION,
  company: COMPANY,
  epoch: ROOM_EPOCH,
  events: lastOf(sessionEvents),
  refs: [{ ref: LONG_OUTPUT.ref, text: `${LONG_OUTPUT.head}and so on` }],
} satisfies ArchiveRequest;

export const eventsPage = {
  epoch: ROOM_EPOCH,
  head: Object.keys(agentEvents).length,
  first: 1,
  last: Object.keys(agentEvents).length,
  events: lastOf(agentEvents),
  more: false,
} satisfies EventsPage;

export const statePage = { epoch: ROOM_EPOCH, seq: Object.keys(sessionEvents).length, state: states.session } satisfies StatePage<
  typeof states.session
>;

export const runToken = {
  run: TIDY.run,
  agent: AGENT,
  lane: SESSION,
  company: COMPANY,
  runner: RUNNER,
  generation: GENERATION,
  fence: 1,
  expiresAt: Date.parse(at(7_200)),
} satisfies RunTokenClaims;

// ── runners ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const runnerFrames = {
  hello: { type: "hello", runner: RUNNER, slots: 4, sandbox: "bubblewrap", running: [TIDY.run] },
  accepted: { type: "accepted", run: TIDY.run, fence: 1 },
  refused: { type: "refused", run: TIDY.run, fence: 1 },
  finished: { type: "finished", run: TIDY.run, fence: 1 },
  beat: { type: "beat" },
} as const satisfies OneOfEach<RunnerFrame, "type">;

export const runnerCommands = {
  start: {
    type: "start",
    run: TIDY.run,
    agent: AGENT,
    company: COMPANY,
    generation: GENERATION,
    fence: 1,
    token: "eyJydW4iOiJydW5fMDEifQ.c2lnbmF0dXJl",
    feeder: `ws://127.0.0.1:8789/parties/agent/${AGENT}`,
  },
} as const satisfies OneOfEach<RunnerCommand, "type">;
