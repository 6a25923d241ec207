/** Two companies with everybody who could ask for something of one of them, and one thing of each kind in both. */
import { NO_USAGE } from "../../../party/protocol/common.ts";
import { newId } from "../../../party/protocol/ids.ts";
import { ROLES, type Role } from "../../../party/protocol/roles.ts";
import { TestApp, type TestPerson, text } from "../test-app.ts";
import { makeFiles } from "./files.ts";

export const OUTSIDERS = ["removed", "invited", "stranger", "otherOwner"] as const;
export type Who = Role | (typeof OUTSIDERS)[number];

/** Where a request points: at the own company's things, at those of the other company, at nothing. */
export type Target = "own" | "foreign" | "missing";

/** Ids by the name that paths and bodies use for them. */
export type Ids = Readonly<Record<string, string>>;

export type World = { app: TestApp; people: Readonly<Record<Who, TestPerson>>; ids: Readonly<Record<Target, Ids>> };

/** A fresh world; close its app at the end. */
export async function makeWorld(): Promise<World> {
  const app = await TestApp.open({ roomAnswerMs: 20 });
  const owner = await app.person("Owner");
  const company = await owner.makeCompany("Mine");
  const people: Partial<Record<Who, TestPerson>> = { owner };
  for (const role of ROLES) people[role] ??= await owner.invite(role, company, role);
  const removed = await owner.invite("Removed", company, "admin");
  await owner.call("DELETE", `/api/companies/${company}/members/${removed.id}`);
  // Everybody else has an account from another company, in which they are owners.
  const elsewhere = async (name: string) => {
    const refuge = await owner.makeCompany(`Refuge of ${name}`);
    const person = await owner.invite(name, refuge, "owner");
    await owner.call("POST", `/api/companies/${refuge}/leave`);
    return person;
  };
  const invited = await elsewhere("Invited");
  const stranger = await elsewhere("Stranger");
  const otherOwner = await elsewhere("Other");
  await owner.call("POST", `/api/companies/${company}/invites`, { body: { role: "admin", email: invited.email } });
  const foreign = await otherOwner.makeCompany("Theirs");
  const theirs = await otherOwner.invite("Theirs", foreign, "viewer");
  const viewer = people.viewer ?? owner;
  return {
    app,
    people: { ...mustHaveAll(people), removed, invited, stranger, otherOwner },
    ids: {
      own: await things(app, owner, company, viewer.id, people.member ?? owner),
      foreign: await things(app, otherOwner, foreign, theirs.id, otherOwner),
      missing: {
        companyId: newId("co"),
        agentId: newId("ag"),
        userId: newId("u"),
        inviteId: newId("inv"),
        sessionId: newId("ss"),
        messageId: newId("msg"),
        runId: newId("run"),
        approvalId: newId("ap"),
        questionId: newId("q"),
        patternId: newId("pat"),
        needId: newId("ap"),
        keyId: newId("key"),
        ref: newId("ref"),
        fileId: newId("fi"),
        uploadId: newId("fi"),
        providerId: newId("prv"),
      },
    },
  };
}

function mustHaveAll(people: Partial<Record<Who, TestPerson>>): Record<Role, TestPerson> {
  const { viewer, member, operator, admin, owner } = people;
  if (!viewer || !member || !operator || !admin || !owner) throw new Error("the world lacks a role");
  return { viewer, member, operator, admin, owner };
}

/** One of each kind in a company. Runs, messages and approvals stand as the archive of a room would leave them. */
async function things(app: TestApp, owner: TestPerson, company: string, userId: string, maker: TestPerson): Promise<Ids> {
  const base = `/api/companies/${company}`;
  const agentId = text((await owner.call("POST", `${base}/agents`, { body: { name: "Scout" } })).body, "id");
  const inviteId = text((await owner.call("POST", `${base}/invites`, { body: { role: "viewer" } })).body, "id");
  const keyId = text((await owner.call("POST", "/api/me/api-keys", { body: { name: "key" } })).body, "id");
  const provider = { kind: "openai", baseUrl: "http://127.0.0.1:9/v1" };
  const providerId = text((await owner.call("POST", `${base}/providers`, { body: provider })).body, "id");
  const [sessionId, messageId, runId, approvalId, ref] = [newId("ss"), newId("msg"), newId("run"), newId("ap"), newId("ref")];
  await app.services.write(({ now }) => [
    {
      sql: "INSERT INTO sessions (id, company, agent, title, created_by, created_at, updated_at) VALUES (?, ?, ?, 'Talk', ?, ?, ?)",
      args: [sessionId, company, agentId, owner.id, now, now],
    },
    {
      sql: `INSERT INTO messages (id, session, company, seq, by_id, by_name, by_kind, text, at) VALUES (?, ?, ?, 1, ?, 'Owner', 'person', '"Hi"', ?)`,
      args: [messageId, sessionId, company, owner.id, now],
    },
    {
      sql: `INSERT INTO runs (id, company, agent, state, outcome, queued_at, last_seq, json)
        VALUES (?, ?, ?, 'ended', 'done', ?, 2, ?)`,
      args: [runId, company, agentId, now, run(runId, owner.id, now)],
    },
    {
      sql: `INSERT INTO room_events (room_party, room, epoch, seq, company, run, type, at, json) VALUES ('agent', ?, 'e', 1, ?, ?, 'log', ?, ?)`,
      args: [agentId, company, runId, now, event(runId, now)],
    },
    {
      sql: "INSERT INTO refs (ref, room_party, room, company, text) VALUES (?, 'agent', ?, ?, 'long')",
      args: [ref, agentId, company],
    },
    {
      sql: `INSERT INTO approvals (id, company, agent, run, tool, risk, state, version, digest, created_at, expires_at, seq, json)
        VALUES (?, ?, ?, ?, 'shell', 'write', 'denied', 1, ?, ?, ?, 1, ?)`,
      args: [approvalId, company, agentId, runId, "0".repeat(64), now, now, approval(approvalId, agentId, runId, ref, now)],
    },
  ]);
  return {
    companyId: company,
    agentId,
    inviteId,
    keyId,
    userId,
    sessionId,
    messageId,
    runId,
    approvalId,
    needId: approvalId,
    patternId: newId("pat"),
    ref,
    providerId,
    ...(await makeFiles(app, maker, company, agentId)),
  };
}

function run(id: string, by: string, at: string): string {
  const why = { state: "ended", outcome: "done", why: "", source: "person", reason: "asked", subject: { kind: "none" } };
  const numbers = { wakes: 1, attempt: 1, turn: 1, usage: NO_USAGE, cost: 0, firstSeq: 1, lastSeq: 2 };
  const lists = { calls: [], questions: [], steers: [], openBlocks: [], plan: [], files: [] };
  return JSON.stringify({
    id,
    title: "Run",
    by: { id: by, name: "Owner", kind: "person" },
    queuedAt: at,
    ...why,
    ...numbers,
    ...lists,
  });
}

function event(run: string, at: string): string {
  return JSON.stringify({ v: 1, type: "log", run, seq: 1, at, src: { runtime: "native" }, level: "info", text: "Hi" });
}

function approval(id: string, agent: string, run: string, ref: string, at: string): string {
  const texts = { agentName: "Scout", runTitle: "Run", call: "call_1", tool: "shell", question: "May I?", cwd: "/" };
  const numbers = { need: 1, version: 1 };
  const input = { ref, head: "long", bytes: 4 };
  const state = { risk: "write", state: "denied", digest: "0".repeat(64), cause: null, votes: [], createdAt: at, expiresAt: at };
  return JSON.stringify({ id, agent, run, input, ...texts, ...numbers, ...state });
}
