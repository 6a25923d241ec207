import { describe, expect, it } from "vitest";
import { roomsOf } from "./classes.ts";
import { workerdConfig } from "./config.ts";

const PARTYKIT = {
  main: "party/company/room.ts",
  parties: { agent: "party/agent/room.ts", session: "party/session/room.ts" },
  compatibilityDate: "2026-05-01",
};

describe("the configuration of workerd", () => {
  it("binds every room under the key that names its storage, and lets rooms reach only the api", () => {
    expect(workerdConfig(roomsOf(PARTYKIT))).toMatchInlineSnapshot(`
      "using Workerd = import "/workerd/workerd.capnp";

      const config :Workerd.Config = (
        # MiB. The default lets a burst of frames grow the heap by 25 MiB more, at no better rate.
        v8Flags = ["--max-semi-space-size=4"],
        services = [
          (name = "rooms", worker = .rooms),
          (name = "storage", disk = (writable = true)),
          (name = "api", external = (http = ())),
        ],
        sockets = [(name = "http", http = (), service = "rooms")],
      );

      const rooms :Workerd.Worker = (
        modules = [(name = "worker.js", esModule = embed "worker.js")],
        compatibilityDate = "2026-05-01",
        compatibilityFlags = ["nodejs_compat"],
        bindings = [
          (name = "main", durableObjectNamespace = "PartyKitDurable"),
          (name = "agent", durableObjectNamespace = "agentDO"),
          (name = "session", durableObjectNamespace = "sessionDO"),
          (name = "ROOMS_SECRET", fromEnvironment = "ATRIUM_ROOMS_SECRET"),
          (name = "TICKET_SECRET", fromEnvironment = "ATRIUM_TICKET_SECRET"),
          (name = "GENERATION", fromEnvironment = "ATRIUM_GENERATION"),
          (name = "INTERNAL_URL", fromEnvironment = "ATRIUM_INTERNAL_URL"),
          (name = "PUBLIC_ORIGIN", fromEnvironment = "ATRIUM_PUBLIC_ORIGIN"),
        ],
        durableObjectNamespaces = [
          (className = "PartyKitDurable", uniqueKey = "-PartyKitDurable", enableSql = true),
          (className = "agentDO", uniqueKey = "-agentDO", enableSql = true),
          (className = "sessionDO", uniqueKey = "-sessionDO", enableSql = true),
        ],
        durableObjectStorage = (localDisk = "storage"),
        # Rooms reach the internal address of the api and nothing else: no other host, no other port.
        globalOutbound = "api",
      );
      "
    `);
  });

  it("holds no secret", () => {
    const text = workerdConfig(roomsOf(PARTYKIT));
    expect(text).toContain('(name = "ROOMS_SECRET", fromEnvironment = "ATRIUM_ROOMS_SECRET")');
    expect(text).not.toMatch(/SECRET", text/);
  });

  it.each([
    [{ ...PARTYKIT, main: undefined }, /"main" must name a file/],
    [{ ...PARTYKIT, compatibilityDate: "tomorrow" }, /"compatibilityDate" must be a date/],
    [{ ...PARTYKIT, compatibilityFlags: ['x"]'] }, /is not a compatibility flag/],
    [{ ...PARTYKIT, compatibilityFlags: ["nodejs_compat"] }, /it is always on/],
    [{ ...PARTYKIT, parties: { 'a", x = "': "a.ts" } }, /cannot name a party/],
    [{ ...PARTYKIT, parties: { main: "a.ts" } }, /cannot name a party/],
  ])("refuses a wrong partykit.json", (config, message) => {
    expect(() => roomsOf(config)).toThrow(message);
  });
});
