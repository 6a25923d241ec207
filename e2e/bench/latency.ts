/** How fast what one person does reaches the others. */
import { setTimeout as pause } from "node:timers/promises";
import { foundCompany, type Office, quietSession } from "../harness/company.ts";
import { HttpClient } from "../harness/http.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { joinAll, Viewer } from "../harness/viewer.ts";
import { Arrivals } from "./arrivals.ts";
import { type Benchmark, type Figure, type Lab, median, percentile } from "./figure.ts";
import { type Floor, openBare, startFloor } from "./floor.ts";

/** messages of one repetition, and ms between them: a lively conversation, far from saturation */
const MESSAGES = 150;
const APART_MS = 25;
/** messages of one repetition of the rate */
const BURST = 1_000;
const IN_FLIGHT = 8;
const WAKES = 15;
const VIEWERS = 50;

type Post = (text: string) => Promise<void>;

/** Posts paced messages; ms from just before each POST to its arrival, over all viewers. */
async function paced(post: Post, arrivals: Arrivals): Promise<number[]> {
  for (let i = 0; i < MESSAGES; i++) {
    const text = arrivals.expect();
    await Promise.all([post(text), pause(APART_MS)]);
  }
  return arrivals.all();
}

/** Messages a second with several in flight, until every viewer has the last. */
async function rate(post: Post, arrivals: Arrivals): Promise<number> {
  let left = BURST;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await post(arrivals.expect());
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  await arrivals.all();
  return BURST / ((performance.now() - started) / 1_000);
}

type Measured = { p50: number[]; p99: number[]; rate: number[] };

async function measure(lab: Lab, post: Post, viewers: number, arrivals: () => Arrivals): Promise<Measured> {
  const found: Measured = { p50: [], p99: [], rate: [] };
  // The first messages meet cold code on both sides; they do not count.
  await rate(post, arrivals());
  for (let i = 0; i < lab.repeat; i++) {
    const times = await paced(post, arrivals());
    found.p50.push(percentile(times, 0.5));
    found.p99.push(percentile(times, 0.99));
    found.rate.push(await rate(post, arrivals()));
    lab.say(
      `${viewers} viewers: p50 ${found.p50.at(-1)?.toFixed(1)} ms, p99 ${found.p99.at(-1)?.toFixed(1)} ms, ${found.rate.at(-1)?.toFixed(0)}/s`,
    );
  }
  return found;
}

async function throughAtrium(lab: Lab, office: Office, count: number): Promise<Measured> {
  const session = await quietSession(office);
  let arrivals = new Arrivals(count);
  const viewers = Array.from({ length: count }, (_, index) => {
    return new Viewer(office.owner, "session", session, {
      record: "off",
      events: (events) => {
        for (const event of events) {
          if (event.type === "message.posted" && typeof event.message.text === "string")
            arrivals.heard(event.message.text, index);
        }
      },
    });
  });
  await joinAll(viewers);
  const measured = await measure(
    lab,
    (text) => office.owner.post(office.company, session, text),
    count,
    () => (arrivals = new Arrivals(count)),
  );
  for (const viewer of viewers) viewer.stop();
  return measured;
}

async function throughNothing(lab: Lab, floor: Floor, count: number): Promise<Measured> {
  const http = new HttpClient(floor.url);
  let arrivals = new Arrivals(count);
  const bare = await openBare(floor, count, (text, viewer) => arrivals.heard(JSON.parse(text).text, viewer));
  const post: Post = async (text) => {
    await http.send({ method: "POST", path: "/", body: JSON.stringify({ text }) });
  };
  const measured = await measure({ ...lab, say: () => undefined }, post, count, () => (arrivals = new Arrivals(count)));
  bare.close();
  http.close();
  return measured;
}

/** ms from POST wake to `run.started` at a viewer of the agent; one run at a time. */
async function wakes(lab: Lab, { owner, company, agent }: Office): Promise<number[]> {
  const started = new Map<string, number>();
  const ended = new Set<string>();
  const viewer = new Viewer(owner, "agent", agent, {
    record: "off",
    events: (events) => {
      for (const event of events) {
        if (event.type === "run.started") started.set(event.run, performance.now());
        if (event.type === "run.ended") ended.add(event.run);
      }
    },
  });
  await viewer.join();
  const medians: number[] = [];
  for (let i = 0; i <= lab.repeat; i++) {
    const times: number[] = [];
    for (let n = 0; n < WAKES; n++) {
      const from = performance.now();
      const run = await owner.wake(company, agent, "@say Hello");
      times.push((await until("run.started", () => started.get(run))) - from);
      await until("run.ended", () => ended.has(run));
    }
    // The first round meets cold code.
    if (i > 0) medians.push(median(times));
  }
  viewer.stop();
  return medians;
}

async function figures(lab: Lab, instance: Instance, floor: Floor): Promise<Figure[]> {
  const office = await foundCompany(instance);
  const bareOne = await throughNothing(lab, floor, 1);
  const one = await throughAtrium(lab, office, 1);
  const bareMany = await throughNothing(lab, floor, VIEWERS);
  const many = await throughAtrium(lab, office, VIEWERS);
  const woken = await wakes(lab, office);
  const below = (samples: number[]) => ({ what: "bare http POST + ws fan-out", samples });
  const to = (count: number) => `message POST -> ${count} viewer${count > 1 ? "s" : ""}`;
  return [
    { what: `${to(1)}, p50`, unit: "ms", samples: one.p50, floor: below(bareOne.p50) },
    { what: `${to(1)}, p99`, unit: "ms", samples: one.p99, floor: below(bareOne.p99) },
    { what: `${to(VIEWERS)}, p50`, unit: "ms", samples: many.p50, goal: { most: 6.5 }, floor: below(bareMany.p50) },
    { what: `${to(VIEWERS)}, p99`, unit: "ms", samples: many.p99, goal: { most: 20 }, floor: below(bareMany.p99) },
    { what: `messages at ${IN_FLIGHT} in flight, 1 viewer`, unit: "per s", samples: one.rate, floor: below(bareOne.rate) },
    {
      what: `messages at ${IN_FLIGHT} in flight, ${VIEWERS} viewers`,
      unit: "per s",
      samples: many.rate,
      goal: { least: 500 },
      floor: below(bareMany.rate),
    },
    { what: "wake -> run.started, p50", unit: "ms", samples: woken, goal: { most: 50 }, floor: below(bareOne.p50) },
  ];
}

export const latency: Benchmark = {
  name: "latency",
  about: `${MESSAGES} messages ${APART_MS} ms apart; the POST answers when the room has stored the message`,
  async run(lab) {
    const instance = await startInstance();
    const floor = await startFloor();
    try {
      return await figures(lab, instance, floor);
    } finally {
      await instance.remove();
      await floor.stop();
    }
  },
};
