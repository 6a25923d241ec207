import { describe, expect, it } from "vitest";
import type { Message } from "../../../party/protocol/session.ts";
import type { Outgoing } from "./outgoing.ts";
import { askedBy, type Conversation, chatRows, firstUnread, toldWords } from "./rows.ts";

const ANA = { id: "u_ana", name: "Ana", kind: "person" } as const;
const BO = { id: "u_bo", name: "Bo", kind: "person" } as const;
const GUIDE = { id: "ag_guide", name: "Guide", kind: "agent" } as const;
const SYSTEM = { id: "system", name: "Atrium", kind: "system" } as const;

const message = (id: string, by: Message["by"], minute: number, more: Partial<Message> = {}): Message => ({
  id,
  by,
  text: `text of ${id}`,
  at: new Date(Date.UTC(2026, 0, 1, 10, minute)).toISOString(),
  ...more,
});
const talk = (messages: Message[], more: Partial<Conversation> = {}): Conversation => ({
  messages,
  told: {},
  answers: [],
  outgoing: [],
  me: ANA.id,
  unreadFrom: undefined,
  ...more,
});
const shape = (conversation: Conversation): string[] =>
  chatRows(conversation).map((row) => {
    if (row.kind !== "message") return `${row.kind} ${row.key}`;
    const marks = [row.newDay && "day", row.unread && `new${row.unread}`, row.first && "first", row.own && "own"].filter(Boolean);
    return [row.key, ...marks].join(" ");
  });

describe("rows of a conversation", () => {
  it("stand under one name while the same person goes on, anew after a while, a reply, another day", () => {
    const next = new Date(Date.UTC(2026, 0, 3, 10)).toISOString();
    expect(
      shape(
        talk([
          message("m1", ANA, 0),
          message("m2", ANA, 1),
          message("m3", BO, 1),
          message("m4", BO, 9),
          message("m5", BO, 10, { replyTo: "m1" }),
          message("m6", BO, 11, { at: next }),
        ]),
      ),
    ).toEqual(["m1 day first own", "m2 own", "m3 first", "m4 first", "m5 first", "m6 day first"]);
  });

  it("mark where the new ones begin, own ones not counted", () => {
    const messages = [message("m1", BO, 0), message("m2", ANA, 1), message("m3", BO, 2), message("m4", BO, 3)];
    expect(shape(talk(messages, { unreadFrom: firstUnread(messages, ANA.id, 2) }))[2]).toBe("m3 new2 first");
    expect(firstUnread(messages, ANA.id, 9)?.id).toBe("m1");
    expect(firstUnread(messages, ANA.id, 0)).toBeUndefined();
  });

  it("keep an answer where it began: what is said meanwhile comes below it", () => {
    const messages = [message("m1", ANA, 0), message("m2", BO, 2)];
    const answer = (run: string, minute: number) => ({
      run,
      agent: GUIDE.id,
      agentName: "Guide",
      since: message("x", BO, minute).at,
    });
    expect(shape(talk(messages, { answers: [answer("run_1", 1), answer("run_2", 3)] }))).toEqual([
      "m1 day first own",
      "answer run_1",
      "m2 first",
      "answer run_2",
    ]);
  });

  it("show a message on its way once, whichever tells of it first", () => {
    const sending = (key: string, change: Partial<Outgoing> = {}): Outgoing => ({
      key,
      at: "t",
      text: "hello",
      attachments: [],
      state: { kind: "sending" },
      before: new Set(),
      ...change,
    });
    const here = message("m1", ANA, 0, { text: "hello" });
    expect(shape(talk([], { outgoing: [sending("k1")] }))).toEqual(["sending k1"]);
    expect(shape(talk([here], { outgoing: [sending("k1")] }))).toEqual(["m1 day first own"]);
    expect(shape(talk([here], { outgoing: [sending("k1"), sending("k2")] }))).toEqual(["m1 day first own", "sending k2"]);
    expect(shape(talk([here], { outgoing: [sending("k1", { before: new Set(["m1"]) })] }))).toHaveLength(2);
    expect(shape(talk([here], { outgoing: [sending("k1", { text: "other", stored: "m1" })] }))).toHaveLength(1);
    const failed = sending("k1", { state: { kind: "failed", why: "no" } });
    expect(shape(talk([here], { outgoing: [failed] }))).toEqual(["m1 day first own", "sending k1"]);
  });
});

it("an answer is given to the newest message that asked its agent, a note to the newest that asked anyone", () => {
  const first = message("m1", ANA, 0, { mentions: [GUIDE.id] });
  const other = message("m2", BO, 1, { mentions: ["ag_scout"] });
  const quiet = message("m3", BO, 2);
  const answer = message("m4", GUIDE, 3, { run: "run_1" });
  const note = message("m5", SYSTEM, 4);
  const all = [first, other, quiet, answer, note];
  expect(askedBy(all, answer)?.id).toBe("m1");
  expect(askedBy(all, note)?.id).toBe("m2");
  expect(askedBy([quiet, answer], answer)).toBeUndefined();
});

it("what became of an edit is one sentence", () => {
  const told = { message: "m1", agent: GUIDE.id, agentName: "Guide" };
  expect(toldWords({ ...told, state: "acted", calls: 2, files: 1 })).toBe(
    "Guide had already acted on the old text: 2 calls, 1 file changed.",
  );
  expect(toldWords({ ...told, state: "acted", calls: 0, files: 0 })).toBe("Guide had already acted on the old text.");
  expect(toldWords({ ...told, state: "told", calls: 1 })).toBe("Guide was already at work and was told of the new text: 1 call.");
  expect(toldWords({ ...told, state: "replaced" })).toBe("Guide had not begun and reads the new text.");
});
