import { expect, it } from "vitest";
import type { Message } from "../../../party/protocol/session.ts";
import { OutgoingMessages, type Written } from "./outgoing.ts";

class Refused extends Error {}

/** A conversation that can be away, or refuse. Like the api it posts once per key. */
class Conversation {
  readonly posted: string[] = [];
  readonly keys = new Set<string>();
  away = false;
  refuses: string | undefined;
  kept: string | null = null;
  #keys = 0;

  open(): OutgoingMessages {
    return new OutgoingMessages({
      post: async (written, key) => this.#post(written, key),
      passes: (error) => !(error instanceof Refused),
      now: () => "2026-01-01T10:00:00.000Z",
      newKey: () => `key${++this.#keys}`,
      read: () => this.kept,
      write: (text) => {
        this.kept = text;
      },
    });
  }

  #post({ text }: Written, key: string): Message {
    if (this.away) throw new Error("away");
    if (this.refuses === text) throw new Refused("It is archived.");
    if (!this.keys.has(key)) this.posted.push(text);
    this.keys.add(key);
    return { id: `msg_${key}`, by: { id: "u_ana", name: "Ana", kind: "person" }, text, at: "2026-01-01T10:00:00.000Z" };
  }
}

const written = (text: string): Written => ({ text, attachments: [] });
const settled = () => new Promise((resolve) => setImmediate(resolve));
const states = (outgoing: OutgoingMessages): string[] =>
  outgoing.getView().map((one) => `${one.text} ${one.stored === undefined ? one.state.kind : "stored"}`);

it("messages arrive in the order they were written, and leave the list once the conversation shows them", async () => {
  const there = new Conversation();
  const outgoing = there.open();
  for (const text of ["one", "two", "three"]) outgoing.send(written(text), new Set());
  await settled();
  expect(there.posted).toEqual(["one", "two", "three"]);
  expect(states(outgoing)).toEqual(["one stored", "two stored", "three stored"]);
  outgoing.settle(new Set(["msg_key1", "msg_key2"]));
  expect(states(outgoing)).toEqual(["three stored"]);
});

it("what cannot be sent waits in order, also over a reload, and is posted once", async () => {
  const there = new Conversation();
  there.away = true;
  const outgoing = there.open();
  for (const text of ["one", "two"]) outgoing.send(written(text), new Set());
  await settled();
  expect(states(outgoing)).toEqual(["one waiting", "two waiting"]);
  there.away = false;
  const reloaded = there.open();
  expect(states(reloaded)).toEqual(["one waiting", "two waiting"]);
  reloaded.resume();
  outgoing.resume(); // the page from before, still there for a moment
  await settled();
  expect(there.posted).toEqual(["one", "two"]);
  expect(there.kept).toBeNull();
});

it("what is refused says why and keeps its text until it is sent again or discarded", async () => {
  const there = new Conversation();
  there.refuses = "bad";
  const outgoing = there.open();
  outgoing.send(written("bad"), new Set());
  outgoing.send(written("good"), new Set());
  await settled();
  expect(there.posted).toEqual(["good"]);
  expect(outgoing.getView()[0]?.state).toEqual({ kind: "failed", why: "It is archived." });
  expect(there.kept).toContain("bad");
  there.refuses = undefined;
  outgoing.retry("key1");
  await settled();
  expect(there.posted).toEqual(["good", "bad"]);
  outgoing.discard("key1");
  outgoing.discard("key2");
  expect(there.kept).toBeNull();
});

it("a store that was written by something else is no reason to break", () => {
  for (const kept of ["{", "7", '[{"text":1},null]']) {
    const there = new Conversation();
    there.kept = kept;
    expect(there.open().getView()).toEqual([]);
  }
});
