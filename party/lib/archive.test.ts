import { beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { Archive } from "./archive.ts";
import { EventLog } from "./log.ts";
import { putRef } from "./refs.ts";
import { Batch } from "./store.ts";
import { settled, TestHost } from "./testing/host.ts";

type Post = { events: { seq: number }[]; refs: { ref: string; text: string }[]; epoch: string; company: string };

describe("the archive of a room", () => {
  let host: TestHost;
  let log: EventLog;
  let archive: Archive;
  let confirmed: { seq: number; bytes: number; refs: string[] }[];
  let full: boolean;

  beforeEach(async () => {
    host = new TestHost();
    log = new EventLog(host.storage);
    await log.open(0);
    confirmed = [];
    full = false;
    archive = new Archive(host, "agent", log, {
      epoch: () => "e",
      company: () => "co_1",
      archived: async (seq, bytes, refs) => void confirmed.push({ seq, bytes, refs }),
      storage: (isFull) => {
        full = isFull;
      },
    });
  });

  const append = async (count: number, more = ""): Promise<void> => {
    const batch = new Batch();
    log.append(
      batch,
      Array.from({ length: count }, (_, i) => `{"seq":${log.head + 1 + i},"at":"","type":"log"${more}}`),
    );
    await batch.commit(host.storage);
    archive.schedule();
  };
  const next = async (): Promise<{ post: Post; answer: (status: number) => Promise<void>; fail: () => Promise<void> }> => {
    const { body, answer, fail } = await host.post();
    return {
      post: JSON.parse(body),
      answer: async (status) => {
        answer({ status, body: "{}" });
        await settled();
      },
      fail: async () => {
        fail(new Error("away"));
        await settled();
      },
    };
  };
  const seqs = (post: Post): number[] => post.events.map(({ seq }) => seq);

  it("posts a burst together, then what came meanwhile, and each event once while all goes well", async () => {
    await append(2);
    await append(1);
    expect(host.posts).toHaveLength(0);
    await host.wait(LIMITS.archiveEveryMs);
    const first = await next();
    expect(first.post).toMatchObject({ epoch: "e", company: "co_1", events: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] });
    await append(2);
    await host.wait(LIMITS.archiveEveryMs);
    expect(host.posts).toHaveLength(0);
    await first.answer(200);
    await host.wait(LIMITS.archiveEveryMs);
    const second = await next();
    expect(seqs(second.post)).toEqual([4, 5]);
    await second.answer(200);
    expect(confirmed.map(({ seq }) => seq)).toEqual([3, 5]);
    expect(confirmed.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(await log.bytesAfter(0, Number.POSITIVE_INFINITY));
    await host.wait(60_000);
    expect(host.posts).toHaveLength(0);
    expect(archive.due(host.now())).toBeUndefined();
  });

  it("posts again from where it was confirmed after a lost answer, with back-off", async () => {
    await append(3);
    await host.wait(LIMITS.archiveEveryMs);
    await (await next()).fail();
    expect(archive.due(host.now())).toBeDefined();
    await host.wait(100);
    expect(host.posts).toHaveLength(0);
    await host.wait(2_000);
    const again = await next();
    expect(seqs(again.post)).toEqual([1, 2, 3]);
    await again.answer(500);
    expect(confirmed).toEqual([]);
    await host.wait(5_000);
    await (await next()).answer(200);
    expect(confirmed.map(({ seq }) => seq)).toEqual([3]);
  });

  it("knows of a full disk and notices within 10 s that it was freed", async () => {
    await append(1);
    await host.wait(LIMITS.archiveEveryMs);
    for (let i = 0; i < 8; i++) {
      await (await next()).answer(507);
      expect(full).toBe(true);
      await host.wait(LIMITS.archiveRetryMaxMs + 1_000);
    }
    await (await next()).answer(200);
    expect(full).toBe(false);
  });

  it("ends when the company is gone", async () => {
    await append(1);
    await host.wait(LIMITS.archiveEveryMs);
    await (await next()).answer(410);
    await append(1);
    await host.wait(60_000);
    expect(host.posts).toHaveLength(0);
    expect(archive.due(host.now())).toBeUndefined();
  });

  it("sends long texts along, as many as fit, and always at least one event", async () => {
    const batch = new Batch();
    const refs = [1, 2, 3].map((n) => `ref_${String(n).padStart(26, "0")}`);
    const long = "x".repeat(Math.floor(LIMITS.archiveBatchBytes * 0.7));
    for (const ref of refs) putRef(batch, ref, long);
    await batch.commit(host.storage);
    for (const ref of refs) await append(1, `,"text":{"head":"","bytes":1,"ref":"${ref}"}`);
    for (const ref of refs) {
      await host.wait(LIMITS.archiveEveryMs);
      const one = await next();
      expect(one.post.refs.map((sent) => [sent.ref, sent.text.length])).toEqual([[ref, long.length]]);
      await one.answer(200);
    }
    expect(confirmed.map(({ refs: gone }) => gone)).toEqual(refs.map((ref) => [ref]));
  });

  it("sends a long backlog in posts of bounded size", async () => {
    for (let i = 0; i < 13; i++) await append(100);
    const counts: number[] = [];
    while (archive.archivedSeq < log.head) {
      await host.wait(LIMITS.archiveEveryMs);
      const one = await next();
      counts.push(one.post.events.length);
      await one.answer(200);
    }
    expect(counts).toEqual([500, 500, 300]);
  });
});
