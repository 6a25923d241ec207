/** Frames between a room and its viewers. */
import type { AgentCommand, CompanyCommand, RoomCommand, SessionCommand } from "../commands.ts";
import type { ClientFrame, PresenceEntry, ServerFrame } from "../frames.ts";
import { PROTOCOL_VERSION } from "../limits.ts";
import type { TicketClaims } from "../tickets.ts";
import { AGENT, ada, at, BACKUP, BROWSER_SESSION, ben, COMPANY, idAt, type OneOfEach, REPORT, ROOM_EPOCH } from "./cast.ts";
import { agentEvents, attached, companyEvents, companyLiveItems, sessionEvents, sessionLiveItems, states } from "./rooms.ts";
import { ASKS, OPEN_QUESTION, runLiveItems } from "./run-story.ts";

// ── to the room ──────────────────────────────────────────────────────────────────────────────────────────────────────

const COMMAND_ID = "0b6f1c52-7e0a-4f5e-9c59-2f6d3c1a8e47";
const approval = ASKS.push.approval;

const companyCommands = {
  "approval.decide": {
    type: "approval.decide",
    approval,
    version: 1,
    digest: ASKS.push.digest,
    decision: "edit",
    note: "To the drafts first.",
    input: '{"command":"git push origin drafts"}',
    remember: "run",
  },
  "approval.decide/remembered for the run": {
    type: "approval.decide",
    approval,
    version: 1,
    digest: ASKS.push.digest,
    decision: "allow",
    remember: { pattern: { command: { kind: "words", words: ["git", "push"] } }, scope: "run" },
    graceMs: 5_000,
  },
  "approval.decide/remembered for days": {
    type: "approval.decide",
    approval,
    version: 1,
    digest: ASKS.push.digest,
    decision: "allow",
    remember: { pattern: { command: { kind: "words", words: ["git", "push"] } }, days: 30 },
  },
  "approval.withdraw": { type: "approval.withdraw", approval },
  "pattern.revoke": { type: "pattern.revoke", pattern: idAt("pat", 20) },
  "approval.claim": { type: "approval.claim", approval },
  "approval.release": { type: "approval.release", approval },
  "question.answer": { type: "question.answer", question: OPEN_QUESTION, value: "Everybody" },
  "stop.everything": { type: "stop.everything" },
} as const satisfies OneOfEach<CompanyCommand, "type">;

const agentCommands = {
  "agent.pause": { type: "agent.pause", note: "Until Monday." },
  "agent.resume": { type: "agent.resume" },
  "run.wake": { type: "run.wake", prompt: "Tidy my notes, please." },
  "run.steer": { type: "run.steer", run: REPORT.run, text: "Keep the headings." },
  "run.interrupt": { type: "run.interrupt", run: REPORT.run },
  "run.cancel": { type: "run.cancel", run: REPORT.run },
  "queue.cancel": { type: "queue.cancel", run: BACKUP.run },
  "queue.reorder": { type: "queue.reorder", queue: [BACKUP.run] },
} as const satisfies OneOfEach<AgentCommand, "type">;

const MESSAGE = idAt("msg", 2);
const sessionCommands = {
  "message.post": { type: "message.post", text: "Thanks!", replyTo: MESSAGE, mentions: [AGENT] },
  "message.post/files": { type: "message.post", text: "", attachments: [attached] },
  "message.edit": { type: "message.edit", message: MESSAGE, text: "Thank you!" },
  "message.delete": { type: "message.delete", message: MESSAGE },
  "message.retry": { type: "message.retry", message: MESSAGE },
  "answer.stop": { type: "answer.stop" },
  "answer.stop/one": { type: "answer.stop", run: REPORT.run },
  "session.takeOver": { type: "session.takeOver" },
  "session.handBack": { type: "session.handBack" },
} as const satisfies OneOfEach<SessionCommand, "type">;

/** One command of each kind of room, for the link that carries any of them. */
export const aCommandOf = {
  company: companyCommands["approval.claim"],
  agent: agentCommands["run.steer"],
  session: sessionCommands["message.post"],
} as const satisfies { company: CompanyCommand; agent: AgentCommand; session: SessionCommand };

const inFrames = <C extends RoomCommand>(commands: Readonly<Record<string, C>>) =>
  Object.fromEntries(
    Object.entries(commands).map(([name, command]) => [name, { type: "command", id: COMMAND_ID, deadline: at(30), command }]),
  );

export const commandFrames = {
  company: inFrames<CompanyCommand>(companyCommands),
  agent: inFrames<AgentCommand>(agentCommands),
  session: inFrames<SessionCommand>(sessionCommands),
};

/** The frames that every room takes. */
export const clientFrames = {
  presence: { type: "presence", place: "floor", reading: 12, typing: true, deciding: approval, device: "phone" },
  more: { type: "more", seq: 12 },
  seen: { type: "seen", seq: 64 },
  ping: { type: "ping" },
} as const satisfies OneOfEach<Exclude<ClientFrame, { type: "command" }>, "type">;

/** What is inside the ticket that a viewer connects with. */
export const ticket = {
  id: "c1f6b7f0d6e94c0b",
  party: "agent",
  room: AGENT,
  company: COMPANY,
  person: { id: ada.id, name: ada.name },
  role: "owner",
  rights: 3,
  session: BROWSER_SESSION,
  expiresAt: Date.parse(at(30)),
} as const satisfies TicketClaims;

// ── from the room ────────────────────────────────────────────────────────────────────────────────────────────────────

const adaHere = { id: ada.id, name: ada.name, role: "owner", place: "floor", devices: ["desktop"] } as const;
const benHere = {
  place: REPORT.run,
  reading: 12,
  typing: true,
  deciding: approval,
  id: ben.id,
  name: ben.name,
  role: "operator",
  devices: ["desktop", "phone"],
} as const;
const people = (...entries: readonly (typeof adaHere | typeof benHere)[]): PresenceEntry[] =>
  entries.map((entry) => ({ ...entry, devices: [...entry.devices] }));

const hello = {
  type: "hello",
  v: PROTOCOL_VERSION,
  party: "agent",
  room: AGENT,
  epoch: ROOM_EPOCH,
  head: Object.keys(agentEvents).length,
  now: at(70),
  you: { id: ada.id, role: "owner" },
} as const;

const newest = <E>(events: Readonly<Record<string, E>>): E[] => Object.values(events).slice(-2);
const snapshot = (seq: number, state: object) =>
  ({ type: "snapshot", seq, state: JSON.stringify(state), part: 1, parts: 1 }) as const;
const half = JSON.stringify(states.session);

export const serverFrames = {
  hello: { ...hello, mode: "resumed" },
  "hello/reset": { ...hello, mode: "reset", reason: "too_old" },
  "hello/wait": { ...hello, retryAfterMs: 1_000, mode: "reset", reason: "new" },
  snapshot: snapshot(hello.head, states.agent),
  "snapshot/company": snapshot(Object.keys(companyEvents).length, states.company),
  "snapshot/first of two": {
    type: "snapshot",
    seq: Object.keys(sessionEvents).length,
    state: half.slice(0, 400),
    part: 1,
    parts: 2,
  },
  "snapshot/second of two": {
    type: "snapshot",
    seq: Object.keys(sessionEvents).length,
    state: half.slice(400),
    part: 2,
    parts: 2,
  },
  events: { type: "events", events: newest(agentEvents) },
  "events/company": { type: "events", events: newest(companyEvents) },
  "events/session": { type: "events", events: newest(sessionEvents) },
  "events/end of a page": { type: "events", events: newest(agentEvents), more: true },
  live: { type: "live", items: Object.values(runLiveItems) },
  "live/company": { type: "live", items: Object.values(companyLiveItems) },
  "live/session": { type: "live", items: Object.values(sessionLiveItems) },
  presence: { type: "presence", people: people(adaHere, benHere) },
  "presence/changes": { type: "presence", join: people(adaHere), leave: [idAt("u", 2)], patch: people(benHere) },
  ack: { type: "ack", id: COMMAND_ID, seq: hello.head + 1 },
  "ack/result": { type: "ack", id: COMMAND_ID, seq: hello.head + 1, result: { runId: BACKUP.run, merged: true } },
  nack: {
    type: "nack",
    id: COMMAND_ID,
    code: "not_ready",
    message: "This agent is still being set up. Try again in a moment.",
    retryable: true,
  },
  "nack/somebody was first": {
    type: "nack",
    id: COMMAND_ID,
    code: "already_decided",
    message: "Ben Okoro decided first: allow.",
    retryable: false,
    winner: { by: { id: ben.id, name: ben.name }, decision: "allow", at: at(20), note: "Only this once." },
  },
  digest: { type: "digest", seq: hello.head, h: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
  pong: { type: "pong" },
} as const satisfies OneOfEach<ServerFrame, "type">;
