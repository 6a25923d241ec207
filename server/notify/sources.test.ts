import { expect, test } from "vitest";
import type { Approval } from "../../party/protocol/company.ts";
import { NO_USAGE } from "../../party/protocol/usage.ts";
import { type Person, toldByCompany, toldByMessage, toldByRun } from "./sources.ts";

const AT = { seq: 1, at: "2026-11-20T23:40:00.000Z" };
const ana = { id: "u_ana", name: "Ana", kind: "person" as const };
const people: Person[] = [
  { id: "u_ana", name: "Ana", role: "owner" },
  { id: "u_bo", name: "Bo", role: "operator" },
  { id: "u_anabel", name: "Anabel Lee", role: "member" },
  { id: "u_vera", name: "Vera", role: "viewer" },
];
const approval: Approval = {
  id: "ap_1",
  agent: "ag_1",
  agentName: "Guide",
  run: "run_1",
  runTitle: "Pay the invoices of Acme",
  call: "call_1",
  tool: "shell",
  input: '{"command":"curl https://secret.example"}',
  digest: "d".repeat(64),
  risk: "write",
  question: "Run curl https://secret.example?",
  cwd: "/w",
  cause: ana,
  need: 1,
  version: 1,
  state: "pending",
  votes: [],
  createdAt: AT.at,
  expiresAt: AT.at,
};
const users = (told: ReturnType<typeof toldByCompany>): string[] =>
  told.flatMap((one) => (one.kind === "note" ? [one.note.user] : []));

test("an ask is told to those who may decide it, by its risk, and names nothing of its content", () => {
  const told = toldByCompany("co_1", { ...AT, type: "approval.asked", approval }, people, new Map());
  expect(users(told)).toEqual(["u_ana", "u_bo"]);
  expect(told[0]).toEqual({
    kind: "note",
    note: {
      user: "u_ana",
      key: "approval:ap_1",
      kind: "approval",
      subject: "ap_1",
      title: "Guide asks for your consent",
      path: "/c/co_1/needs?card=ap_1",
    },
  });
  expect(JSON.stringify(told)).not.toMatch(/secret|Acme/);
  const spending = { ...approval, risk: "spend" as const };
  expect(users(toldByCompany("co_1", { ...AT, type: "approval.asked", approval: spending }, people, new Map()))).toEqual([
    "u_ana",
  ]);
});

test("a reminder has a key of its own, and a decision settles all of them", () => {
  const known = new Map([["ap_1", approval]]);
  const [reminder] = toldByCompany("co_1", { ...AT, type: "approval.reminded", approval: "ap_1", times: 2 }, people, known);
  expect(reminder).toMatchObject({
    note: { key: "reminder:ap_1:2", kind: "reminder", title: "Guide still waits for your consent" },
  });
  const decided = { ...AT, type: "approval.decided" as const, approval: "ap_1", decision: "allow" as const, by: [] };
  expect(toldByCompany("co_1", decided, people, known)).toEqual([{ kind: "settled", subject: "ap_1" }]);
});

test("a question goes to everybody who may answer it", () => {
  const question = { id: "q_1", agent: "ag_1", agentName: "Guide", run: "run_1", runTitle: "", text: "", options: [] };
  const event = { ...AT, type: "question.asked" as const, question: { ...question, createdAt: AT.at, state: "open" as const } };
  expect(users(toldByCompany("co_1", event, people, new Map()))).toEqual(["u_ana", "u_bo", "u_anabel"]);
});

test("a mention is the whole name behind an @, and nobody mentions themselves", () => {
  const said = (text: string, by: typeof ana = ana) =>
    users(
      toldByMessage(
        { company: "co_1", session: "ss_1" },
        { ...AT, type: "message.posted", message: { id: "msg_1", by, text, at: AT.at } },
        people,
      ),
    );
  expect(said("@Bo, look at this")).toEqual(["u_bo"]);
  expect(said("mail bo@example.com")).toEqual([]);
  expect(said("@bob is somebody else")).toEqual([]);
  expect(said("thanks @Anabel Lee!")).toEqual(["u_anabel"]);
  expect(said("@Ana", { id: "u_bo", name: "Bo", kind: "person" })).toEqual(["u_ana"]);
  expect(said("@Ana and @vera")).toEqual(["u_vera"]);
});

test("a run that failed is told to whoever asked for it", () => {
  const failed = {
    ...AT,
    v: 1 as const,
    run: "run_1",
    src: { runtime: "native" },
    type: "run.ended" as const,
    usage: NO_USAGE,
    cost: 0,
    ms: 1,
  };
  const place = { company: "co_1", agent: "ag_1", agentName: "Guide" };
  expect(toldByRun(place, { ...failed, outcome: "failed" }, ana)).toMatchObject([
    { note: { user: "u_ana", key: "failure:run_1" } },
  ]);
  expect(toldByRun(place, { ...failed, outcome: "done" }, ana)).toEqual([]);
  expect(toldByRun(place, { ...failed, outcome: "failed" }, { id: "ag_2", name: "Other", kind: "agent" })).toEqual([]);
});
