/** The rooms' logs, and the states their events fold into. */
import type { AgentConfig, AgentEvent, AgentOwnEvent, AgentState, ApprovalAsk } from "../agent.ts";
import { EMPTY_AGENT, evolveAgent } from "../agent-state.ts";
import type { Approval, CompanyEvent, CompanyLive, CompanyState, Question, RosterEntry } from "../company.ts";
import { EMPTY_COMPANY, evolveCompany } from "../company-state.ts";
import type { RememberedPattern } from "../consent/schema.ts";
import { argumentsDigest, canonicalJson } from "../digest.ts";
import type { RoomTypes } from "../frames.ts";
import type { SessionConfig, SessionEvent, SessionState } from "../session.ts";
import { EMPTY_SESSION, evolveSession } from "../session-state.ts";
import {
  AGENT,
  ada,
  at,
  BACKUP,
  ben,
  COMPANY,
  CWD,
  guide,
  idAt,
  type OneOfEach,
  REPORT,
  SCOUT,
  SESSION,
  stamped,
  system,
  TIDY,
} from "./cast.ts";
import { ASK_QUESTION, ASKS, EXPIRES, LONG_OUTPUT, NO_SANDBOX, OPEN_QUESTION, QUESTION, runStory } from "./run-story.ts";

// ── the agent's room ─────────────────────────────────────────────────────────────────────────────────────────────────

export const agentConfig = {
  id: AGENT,
  company: COMPANY,
  name: "Guide",
  title: "Shows how it works",
  runtime: "native",
  model: "rehearsal",
  instructions: "You are Guide, the first agent of this company.",
  tools: { profile: "coding", rules: { shell: "ask" } },
  maxConcurrentRuns: 1,
  retired: false,
} as const satisfies AgentConfig;

const { instructions: _private, ...agentPublic } = agentConfig;

const ownEvents = {
  "agent.configured": { type: "agent.configured", config: agentPublic },
  "agent.paused": { type: "agent.paused", by: ada, reason: "manual", note: "Until Monday." },
  "wake.refused": { type: "wake.refused", source: "routine", reason: "every morning", by: system, code: "paused" },
  "agent.resumed": { type: "agent.resumed", by: ada },
  "wake.merged": {
    type: "wake.merged",
    run: BACKUP.run,
    source: "person",
    reason: "asked by Ben Okoro",
    by: ben,
    text: "And the drafts.",
  },
  "queue.reordered": { type: "queue.reordered", queue: [BACKUP.run], by: ada },
  "agent.paused/stopped": { type: "agent.paused", by: ben, reason: "stopped", note: "Ben Okoro stopped everything." },
} as const satisfies OneOfEach<AgentOwnEvent, "type">;

const { "agent.configured": configured, ...laterEvents } = ownEvents;
export const agentEvents = stamped<AgentEvent>({ "agent.configured": configured, ...runStory, ...laterEvents });

// ── the company's room ───────────────────────────────────────────────────────────────────────────────────────────────

const asked = { agent: AGENT, agentName: "Guide", question: ASK_QUESTION, cwd: CWD, expiresAt: EXPIRES } as const;

/** What the agent's room asks; what the company's room makes of it is the event below. */
export const ask = {
  approval: ASKS.list.approval,
  ...asked,
  run: TIDY.run,
  runTitle: TIDY.title,
  call: ASKS.list.call,
  tool: ASKS.list.tool,
  input: ASKS.list.input,
  digest: ASKS.list.digest,
  risk: "outward",
  note: NO_SANDBOX,
  cause: ada,
  need: 1,
  everyTime: true,
} as const satisfies ApprovalAsk;

const { approval: askedId, ...askedFields } = ask;
const firstApproval: Approval = {
  ...askedFields,
  id: askedId,
  version: 1,
  state: "pending",
  votes: [],
  createdAt: at(18),
};
/** Nobody asked for this run, two people must agree, and its arguments are too long for the event. */
const openApproval: Approval = {
  ...firstApproval,
  id: ASKS.push.approval,
  run: REPORT.run,
  runTitle: REPORT.title,
  call: ASKS.push.call,
  input: LONG_OUTPUT,
  digest: ASKS.push.digest,
  cause: null,
  need: 2,
  createdAt: at(52),
};
/** What Ben lets the agent do again in one run. */
const npmOfTheRun: RememberedPattern = {
  id: idAt("pat", 20),
  agent: AGENT,
  agentName: "Guide",
  tool: "shell",
  risk: "write",
  cwd: CWD,
  pattern: { command: { kind: "words", words: ["npm", "run"] } },
  scope: { kind: "run", run: TIDY.run, runTitle: TIDY.title },
  by: ben,
  at: at(20),
  approval: askedId,
  uses: 0,
};
const drafts: RememberedPattern = {
  ...npmOfTheRun,
  id: idAt("pat", 21),
  tool: "write_file",
  pattern: { path: { kind: "folder", folder: "drafts" } },
  scope: { kind: "days", expiresAt: at(7 * 86_400) },
};
const addresses: RememberedPattern = {
  ...drafts,
  id: idAt("pat", 22),
  tool: "fetch_page",
  risk: "outward",
  pattern: { url: { kind: "prefix", text: "https://example.org/" }, method: { kind: "exact", json: '"GET"' } },
};
const EDITED = canonicalJson({ command: "git push origin drafts" });
const vote = { by: ben, decision: "allow", at: at(20), note: "Only this once." } as const;

export const question = {
  id: QUESTION,
  agent: AGENT,
  agentName: "Guide",
  run: TIDY.run,
  runTitle: TIDY.title,
  text: "Which folder?",
  options: ["notes", "drafts"],
} as const;
const asks = (id: string): Question => ({ ...question, options: [...question.options], id, createdAt: at(26), state: "open" });

export const roster = {
  agent: AGENT,
  name: "Guide",
  title: "Shows how it works",
  status: "waiting",
  doing: "Waiting for a decision",
  run: { id: REPORT.run, title: REPORT.title, startedAt: at(47), cost: 0 },
  call: "shell git push origin main",
  queued: 1,
  last: { id: TIDY.run, title: TIDY.title, outcome: "done", endedAt: at(40), ms: 34_000 },
  model: "rehearsal",
} as const satisfies RosterEntry;
const retired: RosterEntry = {
  agent: SCOUT,
  name: "Scout",
  title: "Looks around",
  status: "retired",
  doing: "",
  paused: { reason: "loop", by: "Atrium", note: "The same wake came 6 times in 10 minutes." },
  queued: 0,
  model: "rehearsal",
};

const companyStory = {
  "company.configured": {
    type: "company.configured",
    config: { id: COMPANY, name: "Harbour Books", prefix: "HAR", fourEyes: false },
  },
  "member.changed": { type: "member.changed", member: { id: ada.id, name: ada.name, role: "owner", rights: 1 }, by: ada },
  "member.changed/invited": {
    type: "member.changed",
    member: { id: ben.id, name: ben.name, role: "operator", rights: 2 },
    by: ada,
  },
  "member.changed/gone": {
    type: "member.changed",
    member: { id: idAt("u", 2), name: "Cleo Marsh", role: "viewer", rights: 3 },
    by: ada,
  },
  "member.removed": { type: "member.removed", id: idAt("u", 2), name: "Cleo Marsh", rights: 4, by: ada },
  "agent.changed": { type: "agent.changed", entry: roster },
  "agent.changed/retired": { type: "agent.changed", entry: retired },
  "agent.removed": { type: "agent.removed", agent: retired.agent },
  "approval.asked": { type: "approval.asked", approval: firstApproval },
  "approval.voted": { type: "approval.voted", approval: askedId, vote },
  "approval.decided": { type: "approval.decided", approval: askedId, decision: "allow", by: [vote] },
  "approval.state": { type: "approval.state", approval: askedId, state: "executing" },
  "approval.state/unknown": {
    type: "approval.state",
    approval: askedId,
    state: "unknown",
    why: "Its runner died while carrying it out",
  },
  "pattern.remembered": { type: "pattern.remembered", pattern: npmOfTheRun },
  "pattern.used": { type: "pattern.used", pattern: npmOfTheRun.id, approval: askedId },
  "pattern.ended": { type: "pattern.ended", pattern: npmOfTheRun.id, why: "run_ended", by: system },
  "pattern.remembered/for a week": { type: "pattern.remembered", pattern: drafts },
  "pattern.remembered/an address": { type: "pattern.remembered", pattern: addresses },
  "pattern.used/for a week": { type: "pattern.used", pattern: drafts.id, approval: askedId },
  "approval.asked/open": { type: "approval.asked", approval: openApproval },
  "approval.held": {
    type: "approval.held",
    approval: openApproval.id,
    held: { by: ben, decision: "deny", at: at(53), until: at(58) },
  },
  "approval.withdrawn": { type: "approval.withdrawn", approval: openApproval.id, by: ben },
  "approval.withdrawn/by the room": {
    type: "approval.withdrawn",
    approval: openApproval.id,
    by: system,
    why: "Deciding on writing needs the role operator.",
  },
  "approval.reminded": { type: "approval.reminded", approval: openApproval.id, times: 1 },
  "approval.claimed": { type: "approval.claimed", approval: openApproval.id, by: ben },
  "approval.released": { type: "approval.released", approval: openApproval.id, by: ben },
  "approval.claimed/again": { type: "approval.claimed", approval: openApproval.id, by: ada },
  "approval.edited": {
    type: "approval.edited",
    approval: openApproval.id,
    version: 2,
    input: EDITED,
    digest: argumentsDigest("shell", EDITED, CWD),
    by: ada,
  },
  "question.asked": { type: "question.asked", question: asks(QUESTION) },
  "question.answered": { type: "question.answered", question: QUESTION, by: ada, value: "notes" },
  "question.reminded": { type: "question.reminded", question: QUESTION, times: 1 },
  "question.asked/withdrawn": { type: "question.asked", question: asks(idAt("q", 27)) },
  "question.cancelled": { type: "question.cancelled", question: idAt("q", 27) },
  "approval.held/again": {
    type: "approval.held",
    approval: openApproval.id,
    held: { by: ada, decision: "allow", at: at(60), until: at(65) },
  },
  "question.asked/open": {
    type: "question.asked",
    question: { ...asks(OPEN_QUESTION), run: REPORT.run, runTitle: REPORT.title, text: "Who reads it?", options: [] },
  },
  activity: { type: "activity", entry: { by: ben, text: "allowed shell in Tidy the notes", agent: AGENT, run: TIDY.run } },
  "everything.stopped": { type: "everything.stopped", by: ben },
} as const satisfies OneOfEach<CompanyEvent, "type">;

export const companyEvents = stamped<CompanyEvent>(companyStory);

export const companyLiveItems = {
  "agent.doing": { type: "agent.doing", agent: AGENT, doing: "Writing", call: "write_file notes/plan.md" },
  "session.touched": { type: "session.touched", session: SESSION, seq: 14, at: at(13) },
} as const satisfies OneOfEach<CompanyLive, "type">;

// ── the session's room ───────────────────────────────────────────────────────────────────────────────────────────────

export const sessionConfig = {
  id: SESSION,
  company: COMPANY,
  agent: AGENT,
  agentName: "Guide",
  agents: [
    { id: AGENT, name: "Guide" },
    { id: SCOUT, name: "Scout" },
  ],
  title: "Notes",
  private: true,
  people: [
    { id: ada.id, name: ada.name },
    { id: ben.id, name: ben.name },
  ],
  archived: false,
} satisfies SessionConfig;

const FIRST = idAt("msg", 2);
const SECOND = idAt("msg", 7);
const THIRD = idAt("msg", 10);
/** A file that goes with a message. */
export const attached = { file: idAt("fi", 10), name: "plan.pdf", mime: "application/pdf", bytes: 48_211 } as const;

const sessionStory = {
  "session.configured": { type: "session.configured", config: sessionConfig },
  "message.posted": {
    type: "message.posted",
    message: { id: FIRST, by: ada, text: "Tidy my notes, please.", at: at(2), mentions: [AGENT] },
  },
  "answer.started": { type: "answer.started", run: TIDY.run, agent: AGENT, agentName: "Guide", message: FIRST },
  "message.posted/answer": {
    type: "message.posted",
    message: { id: idAt("msg", 4), by: guide, text: LONG_OUTPUT, at: at(4), run: TIDY.run, answers: FIRST },
  },
  "answer.ended": { type: "answer.ended", run: TIDY.run, outcome: "done", note: "It stopped early: 80 of 100 turns." },
  "message.edited": { type: "message.edited", message: FIRST, text: "Tidy my notes and the drafts, please.", by: ada },
  "edit.told": {
    type: "edit.told",
    message: FIRST,
    agent: AGENT,
    agentName: "Guide",
    state: "acted",
    run: TIDY.run,
    calls: 4,
    files: 1,
  },
  "message.posted/reply": {
    type: "message.posted",
    message: { id: SECOND, by: ben, text: "Thanks!", at: at(7), replyTo: idAt("msg", 4) },
  },
  "message.deleted": { type: "message.deleted", message: SECOND, by: ben },
  "session.takenOver": { type: "session.takenOver", by: ada },
  "session.handedBack": { type: "session.handedBack", by: ada },
  "message.posted/files": {
    type: "message.posted",
    message: { id: THIRD, by: ada, text: "", at: at(13), attachments: [attached], mentions: [AGENT, SCOUT] },
  },
  "answer.started/open": { type: "answer.started", run: REPORT.run, agent: AGENT, agentName: "Guide", message: THIRD },
  "session.takenOver/again": { type: "session.takenOver", by: ben },
} as const satisfies OneOfEach<SessionEvent, "type">;

export const sessionEvents = stamped<SessionEvent>(sessionStory);

export const sessionLiveItems = {
  typing: { type: "typing", by: ben.id },
} as const satisfies OneOfEach<RoomTypes["session"]["live"], "type">;

// ── states ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Folds events in the order of their places in the log, with the reducers that rooms and app share. */
export const fold = {
  agent: (events: readonly RoomTypes["agent"]["event"][]): AgentState => events.reduce(evolveAgent, EMPTY_AGENT),
  company: (events: readonly RoomTypes["company"]["event"][]): CompanyState => events.reduce(evolveCompany, EMPTY_COMPANY),
  session: (events: readonly RoomTypes["session"]["event"][]): SessionState => events.reduce(evolveSession, EMPTY_SESSION),
};

export const states = {
  agent: fold.agent(Object.values(agentEvents)),
  company: fold.company(Object.values(companyEvents)),
  session: fold.session(Object.values(sessionEvents)),
};
