import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyRequest } from "../../party/protocol/sign.ts";
import { LeaseLost } from "../runtimes/contract.ts";
import { executeClient } from "./execute-client.ts";
import { localHome } from "./home.ts";
import { systemClock } from "./loop/clock.ts";
import { portOf, SECRET } from "./testing/room-server.ts";

type Asked = { path: string; body: unknown; authorization: string | undefined; isSigned: boolean };

let server: Server;
let asked: Asked[];
let answers: { status: number; body: object }[];
let lost: AbortController;

beforeEach(async () => {
  asked = [];
  lost = new AbortController();
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const header = (name: string) => {
        const value = request.headers[name];
        return typeof value === "string" ? value : undefined;
      };
      const path = request.url ?? "";
      const isSigned = verifyRequest(SECRET, "POST", path, body, header, Date.now());
      asked.push({ path, body: JSON.parse(body), authorization: header("authorization"), isSigned });
      const answer = answers.shift() ?? { status: 200, body: {} };
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const client = () =>
  executeClient({
    home: localHome(`http://127.0.0.1:${portOf(server.address())}`, SECRET),
    run: "run_1",
    fence: 7,
    token: "token",
    lost: lost.signal,
    clock: systemClock,
  });

describe("the right to carry out an approved call", () => {
  it("is asked for with the run's token, signed", async () => {
    answers = [{ status: 200, body: { granted: true } }];
    expect(await client().claim("ap_1", "digest")).toEqual({ ok: true });
    expect(asked).toEqual([
      {
        path: "/internal/runs/run_1/execute",
        body: { approval: "ap_1", digest: "digest", fence: 7 },
        authorization: "Bearer token",
        isSigned: true,
      },
    ]);
  });

  it.each([
    [
      { status: 409, body: { error: { code: "stale_arguments", message: "These are not the arguments." } } },
      "none",
      "This was not done. It is no longer what people allowed",
    ],
    [{ status: 200, body: { granted: false, code: "revoked" } }, "none", "no longer have the right"],
    [{ status: 409, body: { error: { code: "denied" } } }, "none", "denied"],
    [{ status: 409, body: { error: { code: "unknown", message: "…" } } }, "unknown", "Whether it had an effect is unknown"],
    [{ status: 409, body: { code: "executed" } }, "unknown", "Whether it had an effect is unknown"],
  ])("is refused with a sentence for the model: %j", async (answer, effect, sentence) => {
    answers = [answer];
    expect(await client().claim("ap_1", "digest")).toMatchObject({ ok: false, effect, why: expect.stringContaining(sentence) });
  });

  it.each([{}, { granted: "true" }, { result: { granted: true } }])(
    "is not taken from an answer that does not grant it in as many words: %j",
    async (body) => {
      answers = [{ status: 200, body }];
      expect(await client().claim("ap_1", "digest")).toMatchObject({ ok: false, effect: "none" });
    },
  );

  it("is asked for again while the api is away", async () => {
    answers = [
      { status: 503, body: {} },
      { status: 200, body: { granted: true } },
    ];
    expect(await client().claim("ap_1", "digest")).toEqual({ ok: true });
    expect(asked).toHaveLength(2);
  });

  it.each([
    { status: 401, body: { error: { code: "unauthorized" } } },
    { status: 409, body: { error: { code: "stale_fence" } } },
  ])("ends the run here when another runner has it: %j", async (answer) => {
    answers = [answer];
    await expect(client().claim("ap_1", "digest")).rejects.toBeInstanceOf(LeaseLost);
  });

  it("is not waited for once the lease is gone", async () => {
    answers = [];
    lost.abort();
    await expect(client().claim("ap_1", "digest")).rejects.toBeInstanceOf(LeaseLost);
    expect(asked).toEqual([]);
  });

  it("is followed by a report of what became of it", async () => {
    answers = [{ status: 200, body: {} }];
    await client().done("ap_1", "done");
    expect(asked).toMatchObject([
      { path: "/internal/runs/run_1/executed", body: { approval: "ap_1", effect: "done", fence: 7 } },
    ]);
  });
});
