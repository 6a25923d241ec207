/**
 * The golden fixture: one example of everything that travels, frozen byte by byte. `golden.json` is the reference for
 * clients, so a change of it is a change of the protocol. After a change that is meant, write it anew and review it:
 *
 *     ATRIUM_GOLDEN=write npx vitest run party/protocol/golden.test.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import * as agent from "./agent.ts";
import * as archiveHead from "./archive-head.ts";
import * as commands from "./commands.ts";
import * as common from "./common.ts";
import * as company from "./company.ts";
import * as consent from "./consent/schema.ts";
import * as frames from "./frames.ts";
import { Coverage, membersOf } from "./golden/coverage.ts";
import * as processes from "./golden/processes.ts";
import * as rooms from "./golden/rooms.ts";
import { runLiveItems } from "./golden/run-story.ts";
import * as viewers from "./golden/viewers.ts";
import * as internal from "./internal.ts";
import * as runEvents from "./run-events.ts";
import * as session from "./session.ts";
import * as tickets from "./tickets.ts";

const FILE = new URL("./golden.json", import.meta.url);

type Group = {
  /** begins the names of its lines */
  name: string;
  examples: Readonly<Record<string, unknown>>;
  /** each takes every example; absent where only a type describes the frame, and the compiler holds them to be complete */
  schemas?: readonly z.ZodType[];
  /** the union whose members name the examples, where that is not the first schema itself */
  union?: z.ZodType;
};

const one = (name: string, example: unknown, ...schemas: z.ZodType[]): Group => ({
  name: "shape",
  examples: { [name]: example },
  schemas,
});

const { clientFrame, eventSchema, liveSchema } = frames;

const companyState = z.object({
  config: company.companyConfig,
  members: z.record(z.string(), company.companyMember),
  roster: z.record(z.string(), company.rosterEntry),
  approvals: z.record(z.string(), company.approval),
  questions: z.record(z.string(), company.question),
  patterns: z.record(z.string(), consent.rememberedPattern),
  activity: z.array(company.activityEntry.and(z.object({ seq: z.number(), at: z.string() }))),
});
const sessionState = z.object({
  config: session.sessionConfig,
  messages: z.array(session.message),
  told: z.record(z.string(), z.array(session.editTold.extend({ at: z.string() }))),
  answers: z.array(
    z.object({
      run: z.string(),
      agent: z.string(),
      agentName: z.string(),
      message: z.string().optional(),
      since: z.string(),
    }),
  ),
  answeredBy: z.object({ kind: z.literal("person"), by: common.actorRef }),
});

const GROUPS: readonly Group[] = [
  {
    name: "company/command",
    examples: viewers.commandFrames.company,
    schemas: [clientFrame.company],
    union: commands.companyCommand,
  },
  { name: "agent/command", examples: viewers.commandFrames.agent, schemas: [clientFrame.agent], union: commands.agentCommand },
  {
    name: "session/command",
    examples: viewers.commandFrames.session,
    schemas: [clientFrame.session],
    union: commands.sessionCommand,
  },
  { name: "client", examples: viewers.clientFrames, schemas: [clientFrame.company, clientFrame.agent, clientFrame.session] },
  { name: "server", examples: viewers.serverFrames },
  { name: "server", examples: onlyOf("hello", viewers.serverFrames), schemas: [frames.helloSchema] },
  { name: "company/event", examples: rooms.companyEvents, schemas: [eventSchema.company], union: company.companyEvent },
  { name: "agent/event", examples: rooms.agentEvents, schemas: [eventSchema.agent], union: agent.agentEvent },
  { name: "session/event", examples: rooms.sessionEvents, schemas: [eventSchema.session], union: session.sessionEvent },
  { name: "company/live", examples: rooms.companyLiveItems, schemas: [liveSchema.company], union: liveSchema.company },
  { name: "agent/live", examples: runLiveItems, schemas: [liveSchema.agent], union: liveSchema.agent },
  { name: "session/live", examples: rooms.sessionLiveItems },
  { name: "state", examples: { agent: rooms.states.agent } },
  { name: "state", examples: { company: rooms.states.company }, schemas: [companyState] },
  { name: "state", examples: { session: rooms.states.session }, schemas: [sessionState] },
  { name: "link/op", examples: processes.roomOps, schemas: [internal.roomOp], union: internal.roomOp },
  { name: "link/record", examples: processes.recordChanges, schemas: [internal.recordChange], union: internal.recordChange },
  { name: "link/answer", examples: processes.opAnswers, schemas: [internal.opAnswer] },
  one("link batch", processes.linkBatch, internal.linkBatch, internal.linkEnvelope),
  one("link answers", { type: "answers", items: Object.values(processes.opAnswers) }, internal.linkAnswers),
  { name: "feeder/frame", examples: processes.feederFrames, schemas: [internal.feederFrame], union: internal.feederFrame },
  { name: "feeder/answer", examples: processes.feederAnswers },
  { name: "room/message", examples: processes.roomMessages, schemas: [internal.roomMessage], union: internal.roomMessage },
  one("delivery", processes.delivery, internal.delivery),
  one("dispatch", processes.dispatchRequest, internal.dispatchRequest),
  one("dispatch answer", { runner: processes.runnerFrames.hello.runner }, internal.dispatchAnswer),
  one("archive", processes.archiveRequest, internal.archiveRequest),
  one("archive head", processes.archiveHeadRequest, archiveHead.archiveHeadRequest),
  one("archive head answer", { head: 41 }, archiveHead.archiveHeadAnswer),
  one("journal prompt", processes.prompt, internal.prompt),
  one("ticket", viewers.ticket, tickets.ticketClaims),
  one("run token", processes.runToken, internal.runTokenClaims),
  { name: "shape", examples: { "events page": processes.eventsPage, "state page": processes.statePage } },
  { name: "runner/frame", examples: processes.runnerFrames, schemas: [internal.runnerFrame], union: internal.runnerFrame },
  { name: "runner/command", examples: processes.runnerCommands },
];

const DESCRIBED = GROUPS.flatMap((group) => (group.schemas ? [{ ...group, schemas: group.schemas }] : []));
const NAMED = GROUPS.flatMap((group) => (group.union ? [{ ...group, union: group.union }] : []));
const MODULES = [agent, archiveHead, commands, common, company, consent, frames, internal, runEvents, session, tickets];

/** As JSON brings it: without the fields that are undefined. */
const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function memberOf(name: string): string {
  return name.split("/", 1)[0] ?? name;
}

function onlyOf(member: string, examples: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(examples).filter(([name]) => memberOf(name) === member));
}

/** The fixture's text: one example a line, by name. */
function text(): string {
  const lines = new Map<string, string>();
  for (const { name, examples } of GROUPS) {
    for (const [label, example] of Object.entries(examples)) lines.set(`${name}/${label}`, JSON.stringify(example));
  }
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{\n${sorted.map(([name, json]) => `${JSON.stringify(name)}: ${json}`).join(",\n")}\n}\n`;
}

function frozen(): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(FILE, "utf8")));
}

/** The frozen events of a room, in the order of its log. */
function frozenLog<E extends { seq: number }>(party: tickets.Party, schema: z.ZodType<E>): E[] {
  const lines = Object.entries(frozen()).filter(([name]) => name.startsWith(`${party}/event/`));
  return lines.map(([, event]) => schema.parse(event)).sort((a, b) => a.seq - b.seq);
}

test("the frozen bytes are those of the examples", () => {
  if (process.env.ATRIUM_GOLDEN === "write") writeFileSync(FILE, text());
  expect(readFileSync(FILE, "utf8")).toBe(text());
});

test.each(DESCRIBED)("$name: each example is what its schema reads, field by field", ({ examples, schemas }) => {
  for (const schema of schemas) {
    for (const example of Object.values(examples)) expect(schema.parse(asSent(example))).toEqual(asSent(example));
  }
});

test.each(NAMED)("$name: each member has an example, and each example a member", ({ examples, union }) => {
  const members = new Set(Object.keys(examples).map(memberOf));
  expect([...members].sort()).toEqual(membersOf(union).sort());
});

test("every field, member and schema of the wire is in some example", () => {
  const coverage = new Coverage();
  for (const { name, examples, schemas } of DESCRIBED) {
    for (const schema of schemas) {
      for (const [label, example] of Object.entries(examples)) coverage.show(schema, asSent(example), `${name}/${label}`);
    }
  }
  const exported = MODULES.flatMap((module) => Object.entries(module)).flatMap(([name, value]) => schemasOf(name, value));
  expect(exported.length).toBeGreaterThan(0);
  expect(coverage.missing()).toEqual([]);
  expect(exported.filter(([, schema]) => !coverage.has(schema)).map(([name]) => name)).toEqual([]);
});

function schemasOf(name: string, value: unknown): [name: string, schema: z.ZodType][] {
  if (value instanceof z.ZodType) return [[name, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (inner instanceof z.ZodType ? [[`${name}.${key}`, inner]] : []));
}

test("the frozen events fold into the frozen states", () => {
  const { "state/agent": agentState, "state/company": companyState, "state/session": sessionState } = frozen();
  expect(asSent(rooms.fold.agent(frozenLog("agent", eventSchema.agent)))).toEqual(agentState);
  expect(asSent(rooms.fold.company(frozenLog("company", eventSchema.company)))).toEqual(companyState);
  expect(asSent(rooms.fold.session(frozenLog("session", eventSchema.session)))).toEqual(sessionState);
});

test("the parts of a snapshot are together the state", () => {
  const parts = [viewers.serverFrames["snapshot/first of two"], viewers.serverFrames["snapshot/second of two"]];
  expect(JSON.parse(parts.map((part) => part.state).join(""))).toEqual(asSent(rooms.states.session));
});

test("a heartbeat is exactly its bytes", () => {
  expect(JSON.stringify(viewers.clientFrames.ping)).toBe(frames.PING);
  expect(JSON.stringify(viewers.serverFrames.pong)).toBe(frames.PONG);
});
