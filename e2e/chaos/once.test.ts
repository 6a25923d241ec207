/** What is sent twice happens once, and who was taken out hears nothing more. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import type { ApiClient } from "../harness/api-client.ts";
import { foundCompany, inviteColleague, type Office, quietSession } from "../harness/company.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { openRaw } from "../harness/raw-socket.ts";
import { until } from "../harness/until.ts";
import { joinAll, Viewer } from "../harness/viewer.ts";

/** ms within which a reduction of rights reaches every room the person is in */
const REVOKED_MS = 2_000;
const RIGHTS_CHANGED = 4403;

let instance: Instance;
let office: Office;
let session: string;
let script: ApiClient;

beforeAll(async () => {
  instance = await startInstance();
  office = await foundCompany(instance);
  session = await quietSession(office);
  script = await office.owner.createApiKey();
});
afterAll(() => instance?.remove());

describe("an Idempotency-Key", () => {
  const post = (body: object, idempotencyKey: string) =>
    script.raw("POST", `/api/companies/${office.company}/sessions/${session}/messages`, body, { idempotencyKey });

  it("answers the same request with the first answer, and posts once", async () => {
    onTestFailed(() => console.log(instance.logs()));
    const first = await post({ text: "Only once" }, "k-1");
    const second = await post({ text: "Only once" }, "k-1");
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    const { items } = await office.owner.messages(office.company, session);
    expect(items.filter(({ text }) => text === "Only once")).toHaveLength(1);
  });

  it("refuses another body with 422", async () => {
    expect((await post({ text: "One thing" }, "k-2")).status).toBe(201);
    const answer = await post({ text: "Another thing" }, "k-2");
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "idempotency_mismatch" } });
  });

  it("makes one run of a wake that is sent twice", async () => {
    const wake = () => office.owner.wake(office.company, office.agent, "@say Hello", { idempotencyKey: "k-3" });
    expect(await wake()).toBe(await wake());
  });
});

describe("a command", () => {
  it("sent twice with one id gets the first answer twice and one event", async () => {
    const socket = await openRaw(script, "session", session);
    const viewer = await new Viewer(office.owner, "session", session).join();
    const deadline = new Date(Date.now() + 10_000).toISOString();
    const frame = { type: "command", id: randomUUID(), deadline, command: { type: "message.post", text: "Twice the same" } };
    socket.send(frame);
    socket.send(frame);
    const acks = () => socket.frames.filter(({ type }) => type === "ack");
    await until("both answers", () => acks().length === 2);
    expect(acks()[1]).toEqual(acks()[0]);
    await viewer.untilSeq(Number(acks()[0]?.seq));
    socket.send({ ...frame, id: randomUUID(), command: { type: "message.post", text: "A new one" } });
    await until("the new message", () => viewer.state.messages.some(({ text }) => text === "A new one"));
    expect(viewer.state.messages.filter(({ text }) => text === "Twice the same")).toHaveLength(1);
    viewer.stop();
    socket.end();
  });
});

describe("a member who is taken out", () => {
  it("loses every socket within 2 s, and gets no ticket any more", async () => {
    onTestFailed(() => console.log(instance.logs()));
    const { owner, company, agent } = office;
    const ben = await inviteColleague(instance, office, "Ben", "member");
    const his = [
      new Viewer(ben, "company", company),
      new Viewer(ben, "agent", agent),
      new Viewer(ben, "session", session),
    ] as const;
    const hers = new Viewer(owner, "agent", agent);
    await joinAll([...his]);
    await hers.join();

    const removedAt = performance.now();
    await owner.removeMember(company, ben.person);
    await until("his sockets to close", () => his.every((viewer) => viewer.closes.length > 0), REVOKED_MS);
    expect(performance.now() - removedAt).toBeLessThan(REVOKED_MS);
    for (const viewer of his) {
      expect(viewer.closes).toEqual([RIGHTS_CHANGED]);
      expect(viewer.status).toEqual({ kind: "refused", why: "rights" });
      expect((await ben.raw("POST", "/api/rooms/tickets", { party: viewer.party, room: viewer.room })).status).toBe(404);
    }
    expect(hers.status.kind).toBe("live");
    hers.stop();
  });
});
