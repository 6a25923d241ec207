import { describe, expect, it } from "vitest";
import type { Delivery, RoomMessage } from "../protocol/internal.ts";
import { LIMITS } from "../protocol/limits.ts";
import { Outbox } from "./outbox.ts";
import { Batch } from "./store.ts";
import { settled, TestHost } from "./testing/host.ts";

const activity = (text: string): RoomMessage => ({ kind: "activity", by: { id: "u_1", name: "One", kind: "person" }, text });

async function open(host = new TestHost()): Promise<{ host: TestHost; outbox: Outbox }> {
  const outbox = new Outbox(host, "agent");
  outbox.epoch = "e";
  await outbox.open();
  return { host, outbox };
}

function say({ host, outbox }: { host: TestHost; outbox: Outbox }, room: string, ...texts: string[]): void {
  const batch = new Batch();
  outbox.add(
    batch,
    texts.map((text) => ({ party: "company" as const, room, message: activity(text) })),
  );
  void batch.commit(host.storage);
  host.flush();
  outbox.flush();
}

const textsOf = (body: string): string[] => {
  const delivery: Delivery = JSON.parse(body);
  return delivery.messages.map(({ message }) => (message.kind === "activity" ? message.text : message.kind));
};
const numbersOf = (body: string): number[] => (JSON.parse(body) as Delivery).messages.map(({ n }) => n);

describe("messages to other rooms", () => {
  it("travel in order, one delivery at a time, those that came meanwhile together", async () => {
    const one = await open();
    say(one, "co_1", "a");
    const first = await one.host.post();
    say(one, "co_1", "b");
    say(one, "co_1", "c");
    expect(one.host.posts).toHaveLength(0);
    first.answer({ status: 200, body: "" });
    const second = await one.host.post();
    expect([textsOf(first.body), textsOf(second.body)]).toEqual([["a"], ["b", "c"]]);
    second.answer({ status: 200, body: "" });
    await settled();
    expect(one.outbox.depth).toBe(0);
    await one.host.wait(1_000);
    one.host.flush();
    expect([...one.host.disk.rows.keys()]).toEqual(["outn"]);
  });

  it("stay in order also when there are more than one delivery holds", async () => {
    const one = await open();
    const texts = Array.from({ length: 150 }, (_, i) => `${i}`);
    say(one, "co_1", ...texts);
    const seen: string[] = [];
    while (seen.length < texts.length) {
      const post = await one.host.post();
      seen.push(...textsOf(post.body));
      post.answer({ status: 200, body: "" });
    }
    expect(seen).toEqual(texts);
  });

  it("to one room do not wait for another", async () => {
    const one = await open();
    say(one, "co_1", "a");
    say(one, "co_2", "b");
    expect(one.host.posts.map(({ to }) => to)).toEqual(["company/co_1", "company/co_2"]);
  });

  it("are sent again with the same numbers after a failure, with back-off, and after a restart", async () => {
    const one = await open();
    say(one, "co_1", "a");
    const numbers = numbersOf(one.host.posts[0]?.body ?? "");
    (await one.host.post()).fail(new Error("away"));
    await settled();
    expect(one.host.posts).toHaveLength(0);
    await one.host.wait(LIMITS.retryMinMs * 2);
    (await one.host.post()).answer({ status: 503, body: "" });
    await settled();
    await one.host.wait(LIMITS.retryMinMs * 2);
    expect(one.host.posts).toHaveLength(0);
    const next = await open(new TestHost(one.host.disk));
    next.outbox.flush();
    expect(numbersOf((await next.host.post()).body)).toEqual(numbers);
    say(next, "co_1", "b");
    expect(next.outbox.depth).toBe(2);
  });

  it("never take a number twice, also when the counter's room restarts", async () => {
    const one = await open();
    say(one, "co_1", "a", "b");
    const next = await open(new TestHost(one.host.disk));
    say(next, "co_2", "c");
    const seen = next.host.posts.flatMap(({ body }) => numbersOf(body));
    expect(seen.sort()).toEqual([1, 2, 3]);
  });

  it("are dropped when their room is gone for good", async () => {
    const one = await open();
    say(one, "co_1", "a");
    (await one.host.post()).answer({ status: 410, body: "" });
    await settled();
    expect(one.outbox.depth).toBe(0);
    expect(one.outbox.due(one.host.now())).toBeUndefined();
  });

  it("of any size fit the rows they are stored in, and leave none behind", async () => {
    const one = await open();
    const text = "ü".repeat(300_000);
    say(one, "co_1", text);
    const next = await open(new TestHost(one.host.disk));
    next.outbox.flush();
    const post = await next.host.post();
    expect(textsOf(post.body)).toEqual([text]);
    post.answer({ status: 200, body: "" });
    await settled();
    await next.host.wait(1_000);
    next.host.flush();
    expect([...next.host.disk.rows.keys()]).toEqual(["outn"]);
  });

  it("that were delivered leave with the next turn's commit, and are delivered again after a crash before it", async () => {
    const one = await open();
    say(one, "co_1", "a");
    (await one.host.post()).answer({ status: 200, body: "" });
    await settled();
    const crashed = await open(new TestHost(one.host.disk));
    crashed.outbox.flush();
    expect(numbersOf((await crashed.host.post()).body)).toEqual([1]);
    say(one, "co_1", "b");
    const rows = [...one.host.disk.rows.keys()];
    expect(rows.filter((key) => key.startsWith("out:"))).toHaveLength(1);
  });

  it("ask for an alarm only while something waits", async () => {
    const one = await open();
    expect(one.outbox.due(one.host.now())).toBeUndefined();
    say(one, "co_1", "a");
    expect(one.outbox.due(one.host.now())).toBe(one.host.now() + LIMITS.retryMaxMs);
    (await one.host.post()).fail(new Error("away"));
    await settled();
    expect(one.outbox.due(one.host.now())).toBeLessThanOrEqual(one.host.now() + LIMITS.retryMinMs * 2);
  });
});
