import { expect, it } from "vitest";
import { LIMITS } from "../../../party/protocol/limits.ts";
import type { Message } from "../../../party/protocol/session.ts";
import { History, type MessagesPage } from "./history.ts";

const PAGE = 100;
const message = (n: number): Message => ({
  id: `msg_${String(n).padStart(5, "0")}`,
  by: { id: "u_ana", name: "Ana", kind: "person" },
  text: `number ${n}`,
  at: new Date(n * 1_000).toISOString(),
});
const range = (from: number, to: number): Message[] => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));

/** Records that page by number, newest first, as the api does. */
class Records {
  head: number;
  broken = false;
  reads = 0;

  constructor(head: number) {
    this.head = head;
  }

  readonly load = async (cursor: string | undefined): Promise<MessagesPage> => {
    this.reads++;
    if (this.broken) throw new Error("away");
    const below = cursor === undefined ? this.head + 1 : Number(cursor);
    const from = Math.max(1, below - PAGE);
    return { items: range(from, below - 1).toReversed(), nextCursor: from > 1 ? String(from) : undefined };
  };
}

const numbers = (history: History): string[] => history.getView().messages.map((one) => String(one.text));
const upTo = (from: number, to: number): string[] => range(from, to).map((one) => String(one.text));
const newest = (head: number): Message[] => range(Math.max(1, head - LIMITS.snapshotMessages + 1), head);

it("reads upwards page by page from above the room's newest, without a hole and without doubles", async () => {
  const records = new Records(450);
  const history = new History(records.load);
  history.sync({ messages: newest(450) });
  expect(history.getView().above).toBe("more");
  await history.older();
  expect(numbers(history)).toEqual(upTo(151, 450));
  await Promise.all([history.older(), history.older()]);
  expect(numbers(history)).toEqual(upTo(51, 450));
  await history.older();
  expect(history.getView()).toMatchObject({ above: "none" });
  expect(numbers(history)).toEqual(upTo(1, 450));
});

it("keeps what the room lets go of, and the changes of it", () => {
  const history = new History(new Records(200).load);
  history.sync({ messages: newest(200) });
  history.sync({ messages: newest(230) });
  expect(numbers(history)).toEqual(upTo(1, 230));
  const by = message(1).by;
  history.listener.events?.([
    { seq: 1, at: "t", type: "message.edited", message: message(3).id, text: "changed", by },
    { seq: 2, at: "t", type: "message.deleted", message: message(4).id, by },
    { seq: 3, at: "t", type: "message.edited", message: "msg_unknown", text: "x", by },
  ]);
  expect(history.getView().messages[2]).toMatchObject({ text: "changed", edited: true });
  expect(history.getView().messages[3]).toMatchObject({ text: "", deleted: true });
});

it("begins anew where the room comes back with nothing it knew", async () => {
  const records = new Records(300);
  const history = new History(records.load);
  history.sync({ messages: newest(300) });
  await history.older();
  records.head = 900;
  history.sync({ messages: newest(900) });
  expect(numbers(history)).toEqual(upTo(701, 900));
  await history.older();
  expect(numbers(history)).toEqual(upTo(601, 900));
});

it("reaches a message far above, and says when there is none", async () => {
  const records = new Records(1_000);
  const history = new History(records.load);
  history.sync({ messages: newest(1_000) });
  expect(await history.reach(message(42).id)).toBe(true);
  expect(numbers(history)).toEqual(upTo(1, 1_000));
  expect(await history.reach("msg_none")).toBe(false);
});

it("a page that cannot be read can be asked for again", async () => {
  const records = new Records(400);
  const history = new History(records.load);
  history.sync({ messages: newest(400) });
  records.broken = true;
  expect(await history.reach(message(1).id)).toBe(false);
  expect(history.getView().above).toBe("failed");
  records.broken = false;
  await history.older();
  expect(numbers(history)).toEqual(upTo(101, 400));
});

it("a short conversation is whole at once and asks for nothing", async () => {
  const records = new Records(5);
  const history = new History(records.load);
  history.sync({ messages: newest(5) });
  await history.older();
  expect([history.getView().above, records.reads]).toEqual(["none", 0]);
});
