import { describe, expect, it } from "vitest";
import type { PresenceEntry } from "../protocol/frames.ts";
import { LIMITS } from "../protocol/limits.ts";
import { Presence } from "./presence.ts";
import { TestHost, TestSocket } from "./testing/host.ts";

type Frame = { people?: PresenceEntry[]; join?: PresenceEntry[]; leave?: string[]; patch?: PresenceEntry[] };

const ANA = { id: "u_ana", name: "Ana" };
const BEN = { id: "u_ben", name: "Ben" };

function open() {
  const host = new TestHost();
  const frames: Frame[] = [];
  const presence = new Presence(host, (frame) => frames.push(JSON.parse(frame)));
  const join = (person: { id: string; name: string }) => {
    const socket = new TestSocket();
    presence.join(socket, person, "member");
    return socket;
  };
  /** Who a viewer shows that got every frame. */
  const shown = () => {
    const people = new Map<string, PresenceEntry>();
    for (const frame of frames) {
      if (frame.people) people.clear();
      for (const entry of [...(frame.people ?? []), ...(frame.join ?? []), ...(frame.patch ?? [])]) people.set(entry.id, entry);
      for (const id of frame.leave ?? []) people.delete(id);
    }
    return people;
  };
  return { host, presence, frames, join, shown };
}

describe("who is here", () => {
  it("is told once a window, and only when it changed", async () => {
    const { host, frames, join } = open();
    join(ANA);
    join(BEN);
    expect(frames).toHaveLength(0);
    await host.wait(LIMITS.presenceWindowMs);
    expect(frames).toMatchObject([{ join: [{ id: ANA.id }, { id: BEN.id }] }]);
    join(BEN);
    await host.wait(10_000);
    expect(frames).toHaveLength(1);
    expect(host.timers).toBe(0);
  });

  it("is one entry a person, with all their devices and what the newest socket looks at", async () => {
    const { host, presence, join, shown } = open();
    const desktop = join(ANA);
    const phone = join(ANA);
    presence.update(desktop, { place: "floor", typing: true });
    presence.update(phone, { place: "run_1", device: "phone" });
    await host.wait(LIMITS.presenceWindowMs);
    expect(shown().get(ANA.id)).toMatchObject({ devices: ["desktop", "phone"], place: "run_1", typing: true });
    presence.leave(phone);
    await host.wait(LIMITS.presenceWindowMs);
    expect(shown().get(ANA.id)).toMatchObject({ devices: ["desktop"], place: "floor" });
  });

  it("survives a reload, and not a goodbye", async () => {
    const { host, presence, frames, join, shown } = open();
    const first = join(ANA);
    await host.wait(LIMITS.presenceWindowMs);
    presence.leave(first);
    await host.wait(LIMITS.presenceGraceMs - 1);
    expect(shown().has(ANA.id)).toBe(true);
    const second = join(ANA);
    await host.wait(10_000);
    expect(frames.some((frame) => (frame.leave ?? []).length > 0)).toBe(false);
    presence.leave(second);
    await host.wait(LIMITS.presenceGraceMs);
    expect(shown().has(ANA.id)).toBe(false);
    expect(host.timers).toBe(0);
  });

  it("goes on being told after the clock was set back or forward", async () => {
    for (const jump of [-3_600_000, 3_600_000]) {
      const { host, presence, join, shown } = open();
      const ana = join(ANA);
      await host.wait(LIMITS.presenceWindowMs);
      join(BEN);
      host.jump(jump);
      await host.wait(LIMITS.presenceWindowMs);
      expect(shown().has(BEN.id)).toBe(true);
      presence.leave(ana);
      await host.wait(LIMITS.presenceGraceMs * 2);
      expect(shown().has(ANA.id)).toBe(false);
    }
  });

  it("is told as a whole after the room slept: what viewers show is not known any more", async () => {
    const { host, presence, frames } = open();
    const socket = new TestSocket();
    presence.restore(socket, ANA, "member");
    await host.wait(LIMITS.presenceWindowMs);
    expect(frames).toMatchObject([{ people: [{ id: ANA.id }] }]);
  });

  it("greets someone new with the whole list", () => {
    const { presence, join } = open();
    join(ANA);
    expect(JSON.parse(presence.full())).toMatchObject({ type: "presence", people: [{ id: ANA.id, role: "member" }] });
  });
});
