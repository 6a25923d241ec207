import { describe, expect, it } from "vitest";
import { companyCore } from "../company/core.ts";
import type { CompanyPrivate } from "../company/private.ts";
import type { CompanyEvent, CompanyState } from "../protocol/company.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { Decided } from "./core.ts";
import { RoomRecord } from "./record.ts";
import { Batch } from "./store.ts";
import type { Disk } from "./testing/disk.ts";
import { settled, TestHost } from "./testing/host.ts";

type Record_ = RoomRecord<CompanyState, CompanyPrivate, CompanyEvent>;

const BY = { id: "u_1", name: "One", kind: "person" as const };
const said = (text: string): CompanyEvent => ({ type: "activity", entry: { by: BY, text } });
const DECIDED: Decided<CompanyEvent, CompanyPrivate> = { ok: true, events: [] };

async function open(
  disk?: Disk,
  generation = 1,
  /** how far the archive says it has come, when it is asked */
  held?: number,
): Promise<{ host: TestHost; record: Record_; apply: typeof apply; archive: typeof archive }> {
  const host = new TestHost(disk);
  Object.assign(host.env, { generation });
  const record: Record_ = new RoomRecord(host, companyCore);
  const opened = record.open();
  if (held !== undefined) {
    const question = await host.post();
    expect([question.path, JSON.parse(question.body)]).toEqual(["/internal/archive/head", { party: "company", room: host.id }]);
    question.answer({ status: 200, body: JSON.stringify({ head: held }) });
  }
  await opened;
  host.flush();
  let ids = 0;
  const context = {
    now: host.now(),
    room: "co_1",
    head: 0,
    newId: () => {
      ids += 1;
      return `ref_${String(ids).padStart(26, "0")}`;
    },
  };
  /** Applies a decision and puts it on disk. */
  const apply = async (decided: Partial<Decided<CompanyEvent, CompanyPrivate>>) => {
    const batch = new Batch();
    const applied = record.apply({ ...DECIDED, ...decided }, batch, { ...context, now: host.now() });
    await batch.commit(host.storage);
    host.flush();
    return applied;
  };
  /** Confirms everything up to the head. */
  const archive = async () => {
    const page = await record.log.read(record.archivedSeq, Number.POSITIVE_INFINITY);
    await record.archived(page.last, page.bytes, []);
    host.flush();
  };
  return { host, record, apply, archive };
}

describe("a room's durable self", () => {
  it("is the same after a restart: epoch, state, private rows, log", async () => {
    const first = await open();
    await first.apply({ events: [said("one"), said("two")], priv: { main: { ...first.record.priv.main, rights: { u_1: 3 } } } });
    const next = await open(first.host.disk);
    expect(next.record.epoch).toBe(first.record.epoch);
    expect(next.record.state).toEqual(first.record.state);
    expect(next.record.priv).toEqual(first.record.priv);
    expect((await next.apply({ events: [said("three")] })).seq).toBe(3);
  });

  it("gets another epoch, and goes on counting, when the data folder was restored", async () => {
    const first = await open();
    await first.apply({ events: [said("one")] });
    const restored = await open(first.host.disk, 2, 1);
    expect(restored.record.epoch).not.toBe(first.record.epoch);
    expect((await restored.apply({ events: [said("two")] })).seq).toBe(2);
    const again = await open(first.host.disk, 2);
    expect(again.record.epoch).toBe(restored.record.epoch);
  });

  it("keeps its name as a sender over every restore, so that a message delivered before has no second effect", async () => {
    const first = await open();
    await first.apply({ events: [said("one")] });
    const second = await open(first.host.disk, 2, 1);
    const third = await open(second.host.disk, 3, 1);
    expect([second.record.sender, third.record.sender]).toEqual([first.record.epoch, first.record.epoch]);
    expect(third.record.epoch).not.toBe(second.record.epoch);
  });

  it("hands up after a restore only what the archive lacks", async () => {
    const first = await open();
    await first.apply({ events: [said("one"), said("two"), said("three")] });
    const { record } = await open(first.host.disk, 2, 2);
    expect([record.archivedSeq, record.log.head]).toEqual([2, 3]);
  });

  it("hands up again what a restored archive has lost", async () => {
    const first = await open();
    await first.apply({ events: [said("one"), said("two"), said("three")] });
    await first.archive();
    expect(first.record.archivedSeq).toBe(3);
    const { record } = await open(first.host.disk, 2, 1);
    expect([record.archivedSeq, record.log.head]).toEqual([1, 3]);
  });

  it("goes on above an archive that has come further than what was restored", async () => {
    const first = await open();
    await first.apply({ events: [said("one"), said("two")] });
    const restored = await open(first.host.disk, 2, 7);
    expect([restored.record.log.first, restored.record.log.head, restored.record.archivedSeq]).toEqual([8, 7, 7]);
    expect(restored.record.state).toEqual(first.record.state);
    expect((await restored.apply({ events: [said("three")] })).seq).toBe(8);
    const again = await open(restored.host.disk, 2);
    expect([again.record.log.head, again.record.archivedSeq]).toEqual([8, 7]);
    expect(again.record.state).toEqual(restored.record.state);
  });

  it("opens in a new generation once the archive answers, and not before", async () => {
    const first = await open();
    await first.apply({ events: [said("one")] });
    const host = new TestHost(first.host.disk);
    Object.assign(host.env, { generation: 2 });
    const record: Record_ = new RoomRecord(host, companyCore);
    const opening = record.open();
    (await host.post()).fail(new Error("the api is away"));
    await settled();
    await host.wait(1_000);
    (await host.post()).answer({ status: 200, body: '{"head":1}' });
    await opening;
    expect(record.log.head).toBe(1);
  });

  it("keeps its memory as it was when a decision cannot be applied", async () => {
    const { record, apply } = await open();
    await apply({ events: [said("one")] });
    const before = record.state;
    const broken = {
      type: "activity",
      entry: {
        by: BY,
        get text(): string {
          throw new Error("a defect");
        },
      },
    } as unknown as CompanyEvent;
    await expect(apply({ events: [said("two"), broken] })).rejects.toThrow("a defect");
    expect(record.state).toBe(before);
    expect(record.log.head).toBe(1);
    expect((await apply({ events: [said("three")] })).seq).toBe(2);
  });

  it("is rebuilt from the snapshot and the log after it, and prunes only what is archived, covered and old", async () => {
    const first = await open();
    const text = "x".repeat(490);
    for (let i = 0; i < 110; i++) await first.apply({ events: Array.from({ length: 100 }, (_, j) => said(`${i}.${j} ${text}`)) });
    await first.archive();
    expect(first.record.log.first).toBe(1);
    await first.host.wait(LIMITS.keepMs + 1);
    await first.apply({ events: [said("a day later")] });
    await first.archive();
    const kept = first.record.log.head - first.record.log.first + 1;
    expect(kept).toBeGreaterThanOrEqual(LIMITS.keepEvents);
    expect(kept).toBeLessThan(LIMITS.keepEvents + 200);
    const next = await open(first.host.disk);
    expect(next.record.state).toEqual(first.record.state);
    expect([next.record.log.first, next.record.log.head]).toEqual([first.record.log.first, first.record.log.head]);
  });

  it("prunes nothing that the archive has not confirmed", async () => {
    const { record, apply, host } = await open();
    for (let i = 0; i < 110; i++) await apply({ events: Array.from({ length: 100 }, () => said("x")) });
    await host.wait(2 * LIMITS.keepMs);
    await record.archived(5, 100, []);
    expect(record.log.first).toBe(1);
  });

  it("keeps the journal of a run until the end of the run is archived, entries of any size in order", async () => {
    const { record, apply, archive, host } = await open();
    const entries = [
      { kind: "a", data: "é".repeat(100_000) },
      { kind: "b", data: [1, { deep: true }] },
    ];
    await apply({ journal: [{ run: "run_1", from: 0, entries }] });
    await apply({ journal: [{ run: "run_1", from: 2, entries: [{ kind: "c", data: null }] }], events: [said("x")] });
    await apply({ journal: [{ run: "run_2", from: 0, entries: [{ kind: "other", data: 1 }] }] });
    expect(await record.journal("run_1")).toEqual([...entries, { kind: "c", data: null }]);
    await apply({ events: [said("the end")], forget: ["run_1"] });
    await record.archived(1, 10, []);
    expect(await record.journal("run_1")).toHaveLength(3);
    await archive();
    expect(await record.journal("run_1")).toEqual([]);
    expect(await record.journal("run_2")).toHaveLength(1);
    expect([...host.disk.rows.keys()].some((key) => key.startsWith("j:run_1"))).toBe(false);
  });

  it("keeps a long text in rows of its own until it is archived", async () => {
    const { record, apply, host } = await open();
    const input = "y".repeat(60_000);
    const { texts } = await apply({
      events: [{ type: "approval.edited", approval: "ap_1", version: 2, input, digest: "d".repeat(64), by: BY }],
    });
    expect(texts[0]?.length).toBeLessThan(4_000);
    const ref = /"ref":"(ref_[0-9a-z]+)"/.exec(texts[0] ?? "")?.[1] ?? "";
    const rows = () => [...host.disk.rows.keys()].filter((key) => key.startsWith("ref:")).length;
    expect(rows()).toBe(2);
    await record.archived(1, 100, [ref]);
    host.flush();
    expect(rows()).toBe(0);
  });

  it("leaves only its tombstone after a purge", async () => {
    const { record, apply, host } = await open();
    await apply({ events: [said("one")], priv: { main: { ...record.priv.main, rights: { u_1: 1 } } } });
    await apply({ purge: true });
    await record.purge();
    host.flush();
    expect([...host.disk.rows.keys()]).toEqual(["meta"]);
    expect((await open(host.disk)).record.purged).toBe(true);
  });
});
