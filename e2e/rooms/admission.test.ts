import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { readToken, signRequest } from "../../party/protocol/sign.ts";
import { signTicket, ticketClaims } from "../../party/protocol/tickets.ts";
import { until } from "../harness/until.ts";
import { PUBLIC_ORIGIN, ROOMS_SECRET, type Rooms, startRooms, TICKET_SECRET } from "./harness/rooms.ts";
import { ANA, BEN, ticketFor, upgradeOf, Viewer } from "./harness/viewer.ts";
import { World } from "./harness/world.ts";

describe("who gets into a room", () => {
  let rooms: Rooms;
  let world: World;
  beforeAll(async () => {
    rooms = await startRooms();
    world = await World.create(rooms);
  });
  afterAll(() => rooms?.remove());

  const statusOf = async (query: Record<string, string>): Promise<number> => {
    const viewer = Viewer.open(rooms, "agent", world.agent, new URLSearchParams(query));
    return until("a refusal", () => viewer.refused);
  };

  it("greets a good ticket with a snapshot", async () => {
    const viewer = await world.view("agent");
    expect(viewer.hello).toMatchObject({ mode: "reset", reason: "new", you: { id: ANA.id, role: "operator" } });
    expect(viewer.snapshot<{ status: unknown }>().state.status).toEqual({ kind: "ready" });
    await viewer.leave();
  });

  it("answers 401 before the upgrade to a missing, malformed, forged or expired ticket", async () => {
    const good = ticketFor("agent", world.agent, world.company, ANA);
    const forged = signTicket("another secret", ticketClaims.parse(readToken(TICKET_SECRET, "ticket", good)));
    const expired = ticketFor("agent", world.agent, world.company, ANA, { expiresAt: Date.now() - 1 });
    const endless = ticketFor("agent", world.agent, world.company, ANA, { expiresAt: Date.now() + 3_600_000 });
    for (const ticket of ["", "x", `${good}x`, forged, expired, endless]) expect(await statusOf({ ticket })).toBe(401);
    expect(await statusOf({})).toBe(401);
  });

  it("answers 401 to a ticket that was used before, also after a restart", async () => {
    const ticket = ticketFor("agent", world.agent, world.company, ANA);
    const first = Viewer.open(rooms, "agent", world.agent, new URLSearchParams({ ticket }));
    await first.frame("hello");
    expect(await statusOf({ ticket })).toBe(401);
    await first.leave();
    expect(await statusOf({ ticket })).toBe(401);
    await rooms.restart();
    expect(await statusOf({ ticket })).toBe(401);
  });

  it("answers 403 to a ticket of another room or another party", async () => {
    const other = await World.create(rooms);
    expect(await statusOf({ ticket: ticketFor("agent", other.agent, other.company, ANA) })).toBe(403);
    expect(await statusOf({ ticket: ticketFor("company", world.agent, world.company, ANA) })).toBe(403);
  });

  it("takes nothing from headers that a client forged", async () => {
    const ticket = ticketFor("agent", world.agent, world.company, BEN);
    const { url, headers } = upgradeOf(rooms, "agent", world.agent, new URLSearchParams({ ticket }));
    const claims = { ...ticketClaims.parse(readToken(TICKET_SECRET, "ticket", ticket)), role: "owner" };
    const viewer = new Viewer(
      new WebSocket(url, {
        headers: {
          ...headers,
          "x-atrium-kind": "feeder",
          "x-atrium-claims": encodeURIComponent(JSON.stringify(claims)),
          "x-atrium-ticket": "",
          "x-partykit-props": '{"a":1}',
        },
      }),
    );
    expect((await viewer.frame("hello")).you).toEqual({ id: BEN.id, role: "member" });
    expect(await statusOf({ ticket })).toBe(401);
    await viewer.leave();
  });

  const unsigned = (query: Record<string, string>, headers: Record<string, string>): Viewer => {
    const { url } = upgradeOf(rooms, "agent", world.agent, new URLSearchParams(query));
    return new Viewer(new WebSocket(url, { headers }));
  };

  it("answers 401 to an upgrade that neither one of our processes signed nor a page of ours made", async () => {
    const ticket = ticketFor("agent", world.agent, world.company, ANA);
    for (const origin of ["https://evil.example", "null", "http://atrium.example.com", `${PUBLIC_ORIGIN}.evil.example`]) {
      const viewer = unsigned({ ticket }, { origin });
      expect(await until("a refusal", () => viewer.refused)).toBe(401);
    }
  });

  it("takes a page of ours that comes past the api as a viewer with a ticket, and as nothing else", async () => {
    const ticket = ticketFor("agent", world.agent, world.company, BEN);
    for (const kind of ["link", "feeder"]) {
      const viewer = unsigned({}, { origin: PUBLIC_ORIGIN, "x-atrium-socket": kind });
      expect(await until("a refusal", () => viewer.refused)).toBe(401);
    }
    const viewer = unsigned({ ticket }, { origin: PUBLIC_ORIGIN, "x-atrium-socket": "feeder", "x-atrium-signature": "AAAA" });
    expect((await viewer.frame("hello")).you).toEqual({ id: BEN.id, role: "member" });
    expect(await statusOf({ ticket })).toBe(401);
    await viewer.leave();
  });

  it("answers 401 to an unsigned internal request and starts no room for it", async () => {
    const paths = ["state", "events", "refs/ref_x", "batch", "deliver", "restart"];
    for (const path of paths) {
      for (const method of ["GET", "POST"]) {
        const answer = await rooms.request(method, `/parties/agent/ag_nobody/internal/${path}`, "{}");
        expect(answer.status).toBe(401);
      }
    }
    expect((await rooms.request("POST", "/internal/restart", "{}")).status).toBe(401);
    const files = readdirSync(join(rooms.folder, "data/rooms/storage"), { recursive: true }).length;
    await rooms.request("GET", "/parties/agent/ag_nobody_else/internal/state", "");
    expect(readdirSync(join(rooms.folder, "data/rooms/storage"), { recursive: true })).toHaveLength(files);
  });

  it("refuses a signature for another path, method, body or time", async () => {
    const path = `/parties/agent/${world.agent}/internal/state`;
    const sign = (method: string, where: string, body: string, at = Date.now()) =>
      rooms.request("GET", path, "", signRequest(ROOMS_SECRET, method, where, body, at));
    expect((await sign("GET", path, "")).status).toBe(200);
    expect((await sign("POST", path, "")).status).toBe(401);
    expect((await sign("GET", `${path}x`, "")).status).toBe(401);
    expect((await sign("GET", path, "{}")).status).toBe(401);
    expect((await sign("GET", path, "", Date.now() - 61_000)).status).toBe(401);
  });

  it("answers 404 to paths and parties there are not", async () => {
    for (const path of ["/", "/parties/agent", "/parties/other/x/internal/state", "/parties/agent/..%2f/internal/state"]) {
      expect((await rooms.request("GET", path, "")).status).toBe(404);
    }
  });
});
