import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifyRequest } from "../../party/protocol/sign.ts";
import { playTurn } from "../models/testing/play.ts";
import { LeaseLost } from "../runtimes/contract.ts";
import { localHome } from "./home.ts";
import type { Clock } from "./loop/clock.ts";
import { lentModels } from "./model-access.ts";
import { portOf, SECRET } from "./testing/room-server.ts";

type Answer = { status: number; body: unknown };

let server: Server;
let answers: [Answer, ...Answer[]];
let asked: { body: unknown; isSigned: boolean }[];
let now: number;
let lost: AbortController;

beforeEach(async () => {
  asked = [];
  now = 0;
  lost = new AbortController();
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const header = (name: string) => {
        const value = request.headers[name];
        return typeof value === "string" ? value : undefined;
      };
      const isSigned = verifyRequest(SECRET, "POST", request.url ?? "", text, header, Date.now());
      asked.push({ body: JSON.parse(text), isSigned });
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? answers[0];
      response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const clock: Clock = {
  now: () => now,
  wall: () => now,
  sleep: async (ms) => {
    now += ms;
  },
};
const lend = () =>
  lentModels({
    home: localHome(`http://127.0.0.1:${portOf(server.address())}`, SECRET),
    token: "token",
    run: "run_1",
    lost: lost.signal,
    clock,
  });
const REHEARSAL = { provider: "rehearsal", model: "rehearsal", label: "Rehearsal" };
const refusal = (status: number, code: string, message: string): Answer => ({ status, body: { error: { code, message } } });

describe("the models a run is lent", () => {
  it("are asked for with the run's token, signed", async () => {
    answers = [{ status: 200, body: { candidates: [REHEARSAL] } }];
    expect((await lend()).map(({ id }) => id)).toEqual(["rehearsal"]);
    expect(asked).toEqual([{ body: { run: "run_1", token: "token" }, isSigned: true }]);
  });

  it("come in their order, and two of the same are told apart", async () => {
    const twin = { provider: "anthropic", model: "claude-sonnet-5", label: "Claude", key: "sk-1" };
    answers = [{ status: 200, body: { candidates: [twin, { ...twin, key: "sk-2" }, REHEARSAL] } }];
    expect((await lend()).map(({ id }) => id)).toEqual(["anthropic/claude-sonnet-5", "anthropic/claude-sonnet-5#2", "rehearsal"]);
  });

  it("are waited for while the api is away", async () => {
    answers = [refusal(503, "starting", "Not yet."), { status: 200, body: { candidates: [REHEARSAL] } }];
    expect((await lend()).map(({ id }) => id)).toEqual(["rehearsal"]);
  });

  it("are given up after a while with a model that says why", async () => {
    answers = [refusal(503, "starting", "Not yet.")];
    const [model] = await lend();
    expect((await playTurn(model, {})).failure).toMatchObject({ code: "starting", message: "Not yet.", retryable: false });
    expect(now).toBeLessThan(60_000);
  });

  it("are refused in the api's words", async () => {
    answers = [refusal(409, "key_sealed", "The key of House cannot be opened on this machine.")];
    const [model] = await lend();
    expect((await playTurn(model, {})).failure).toMatchObject({ code: "key_sealed", message: expect.stringContaining("House") });
  });

  it("are for the runner that has the run", async () => {
    answers = [refusal(409, "stale_fence", "Another runner has this run now.")];
    await expect(lend()).rejects.toBeInstanceOf(LeaseLost);
    lost.abort();
    await expect(lend()).rejects.toBeInstanceOf(LeaseLost);
  });

  it("show no key where they cannot be read", async () => {
    const logged = vi.spyOn(console, "error");
    answers = [{ status: 200, body: { candidates: [{ provider: "new", model: "m", label: "M", key: "sk-secret" }] } }];
    const [model] = await lend();
    const { failure } = await playTurn(model, {});
    expect(failure?.message).toContain("candidates.0.provider");
    expect(JSON.stringify([failure, logged.mock.calls])).not.toContain("sk-secret");
    logged.mockRestore();
  });
});
