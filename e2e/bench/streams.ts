/** Many runs that stream at once, each watched by two people: how long a piece takes from the model to their screens. */
import { z } from "zod";
import type { Answer } from "../fakes/models/brain.ts";
import { startFakeOpenAI } from "../fakes/models/openai.ts";
import type { FakeModelServer } from "../fakes/models/server.ts";
import { foundCompany, type Office } from "../harness/company.ts";
import { startInstance } from "../harness/instance.ts";
import { cpuMs } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { joinAll, Viewer } from "../harness/viewer.ts";
import { type Benchmark, type Lab, percentile } from "./figure.ts";
import { answerWith } from "./models.ts";

const RUNS = 50;
const VIEWERS = 2;
/** pieces of an answer, ms between two, and characters of one: a quick model */
const PIECES = 100;
const APART_MS = 50;
const PIECE = "some words ";
/** ms that an answer streams */
const STREAM_MS = PIECES * APART_MS;
/** pieces at the beginning, while the other runs start */
const COLD = 30;
/** frames of the protocol before the first piece */
const BEFORE = 1;

const withId = z.object({ id: z.string() }).loose();

function brain(): Answer {
  return { says: [{ kind: "text", text: PIECE.repeat(PIECES) }], pace: { chunks: PIECES, ms: APART_MS } };
}

/** Colleagues of the first agent, which are answered by the same model. */
async function hire({ owner, company, agent }: Office): Promise<string[]> {
  const path = `/api/companies/${company}/agents`;
  const { model } = await owner.ask(z.object({ model: z.string() }).loose(), "GET", `${path}/${agent}`);
  const hired = [agent];
  while (hired.length < RUNS) {
    const body = { name: `Agent ${hired.length}`, model, tools: { profile: "minimal" } };
    hired.push((await owner.ask(withId, "POST", path, body)).id);
  }
  return hired;
}

/** ms from the model's writing of each piece to its arrival at each viewer. */
async function measure(
  lab: Lab,
  fake: FakeModelServer,
  { owner, company }: Office,
  agents: readonly string[],
): Promise<number[]> {
  const times: number[] = [];
  const ended = new Set<string>();
  const tag = (agent: string): string => `for ${agent}, measured`;
  const from = fake.turns().length;
  const written = new Map<string, readonly number[]>();
  const writtenFor = (agent: string): readonly number[] => {
    const known = written.get(agent);
    if (known) return known;
    const request = fake
      .turns()
      .slice(from)
      .find(({ body }) => JSON.stringify(body).includes(tag(agent)));
    if (request) written.set(agent, request.writtenAt);
    return request?.writtenAt ?? [];
  };
  const viewers = agents.flatMap((agent) =>
    Array.from({ length: VIEWERS }, () => {
      let seen = 0;
      return new Viewer(owner, "agent", agent, {
        record: "off",
        live: (items) => {
          const now = performance.now();
          for (const item of items) {
            if (item.type !== "block.delta" || item.kind !== "text") continue;
            const pieces = Math.floor((item.offset + item.text.length) / PIECE.length);
            for (; seen < pieces; seen++) {
              const at = writtenFor(agent)[BEFORE + seen];
              if (at !== undefined && seen >= COLD) times.push(now - at);
            }
          }
        },
        events: (events) => {
          for (const event of events) if (event.type === "run.ended") ended.add(agent);
        },
      });
    }),
  );
  await joinAll(viewers, 60_000);
  await Promise.all(agents.map((agent) => owner.wake(company, agent, `Say something, ${tag(agent)}.`)));
  await until("the end of all runs", () => ended.size === agents.length, 120_000);
  for (const viewer of viewers) viewer.stop();
  lab.say(`p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms of ${times.length} pieces`);
  return times;
}

export const streams: Benchmark = {
  name: "streams",
  about: `${RUNS} runs that stream at once, ${VIEWERS} viewers each`,
  async run(lab) {
    const fake = await startFakeOpenAI({ brain });
    const instance = await startInstance({ env: { ATRIUM_RUNNER_SLOTS: String(RUNS) } });
    const p50: number[] = [];
    const p99: number[] = [];
    const cpu = { runner: [] as number[], rooms: [] as number[] };
    try {
      const office = await foundCompany(instance);
      await answerWith(office, "openai", fake.url, "local-fake");
      const agents = await hire(office);
      const pids = { runner: await instance.pid("runner"), rooms: await instance.pid("rooms") };
      for (let i = 0; i < lab.repeat; i++) {
        const before = { runner: cpuMs(pids.runner), rooms: cpuMs(pids.rooms) };
        const times = await measure(lab, fake, office, agents);
        cpu.runner.push((100 * (cpuMs(pids.runner) - before.runner)) / STREAM_MS);
        cpu.rooms.push((100 * (cpuMs(pids.rooms) - before.rooms)) / STREAM_MS);
        p50.push(percentile(times, 0.5));
        p99.push(percentile(times, 0.99));
      }
    } finally {
      await instance.remove();
      await fake.close();
    }
    return [
      { what: "a piece from the model to a screen, p50", unit: "ms", samples: p50 },
      { what: "the same, p99", unit: "ms", samples: p99, goal: { most: 100 } },
      { what: "the runner meanwhile", unit: "% of a core", samples: cpu.runner },
      { what: "the rooms meanwhile", unit: "% of a core", samples: cpu.rooms },
    ];
  },
};
