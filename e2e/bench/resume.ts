/** Coming back: after a long absence, and all at once. */
import { foundCompany, type Office, quietSession } from "../harness/company.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { joinAll, Viewer } from "../harness/viewer.ts";
import type { Benchmark, Figure, Lab } from "./figure.ts";
import { type Floor, openBare, startFloor } from "./floor.ts";

const MISSED = 5_000;
const RETURNING = 200;
/** requests in flight while messages are written */
const WRITERS = 32;
/** bytes of one event as it travels, for the floor's frames */
const EVENT_BYTES = 330;
/** bytes of one frame of a catch-up */
const FRAME_BYTES = 100_000;

async function write(office: Office, session: string, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await office.owner.post(
        office.company,
        session,
        `Message ${left}, about as long as one line of a chat, give or take a few.`,
      );
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, worker));
}

/** ms from the request for a ticket to the last of the missed events. */
async function catchUp(lab: Lab, office: Office): Promise<number[]> {
  const session = await quietSession(office);
  const readers = Array.from({ length: lab.repeat }, () => new Viewer(office.owner, "session", session, { record: "off" }));
  await joinAll(readers);
  for (const reader of readers) reader.goOffline();
  const head = readers[0]?.seq ?? 0;
  lab.say(`writing ${MISSED} messages`);
  await write(office, session, MISSED);

  const times: number[] = [];
  for (const reader of readers) {
    await until("the absence to be noticed", () => reader.status.kind === "waiting");
    const started = performance.now();
    reader.goOnline();
    await until("the missed events", () => reader.status.kind === "live" && reader.seq === head + MISSED, 30_000);
    times.push(performance.now() - started);
    if (reader.received !== MISSED) throw new Error(`${reader.received} events instead of ${MISSED}: it was a reset`);
    reader.stop();
  }
  return times;
}

async function bareReplay(lab: Lab, floor: Floor): Promise<number[]> {
  const times: number[] = [];
  const frames = Math.ceil((MISSED * EVENT_BYTES) / FRAME_BYTES);
  for (let i = 0; i < lab.repeat; i++) {
    let got = 0;
    const started = performance.now();
    const bare = await openBare(floor, 1, (text) => void (JSON.parse(text) && got++), `/?replay=${frames}&bytes=${FRAME_BYTES}`);
    await until("the frames", () => got === frames);
    times.push(performance.now() - started);
    bare.close();
  }
  return times;
}

/** ms from the kill of the rooms until every viewer is live again and has a message posted after it. */
async function returnOfAll(): Promise<number> {
  // A new instance each time: the launcher waits longer before it starts a process that crashed a moment ago.
  const instance = await startInstance();
  try {
    const office = await foundCompany(instance);
    const session = await quietSession(office);
    const viewers = Array.from({ length: RETURNING }, () => new Viewer(office.owner, "session", session, { record: "off" }));
    await joinAll(viewers, 60_000);
    await write(office, session, 20);
    const started = performance.now();
    await instance.kill("rooms");
    const post = (): Promise<boolean> => office.owner.post(office.company, session, "Is anybody here?").then(() => true);
    await until("a message after the kill", post, 30_000);
    await until("every viewer", () => viewers.every(({ status, arrivals }) => status.kind === "live" && arrivals > 1), 60_000);
    const head = Math.max(...viewers.map((viewer) => viewer.seq));
    await until("the same head", () => viewers.every((viewer) => viewer.seq === head), 30_000);
    const took = performance.now() - started;
    for (const viewer of viewers) viewer.stop();
    return took;
  } finally {
    await instance.remove();
  }
}

async function bareReturn(lab: Lab, floor: Floor): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < lab.repeat; i++) {
    let got = 0;
    const started = performance.now();
    const bare = await openBare(floor, RETURNING, () => void got++, "/?replay=1&bytes=1000");
    await until("the first frames", () => got === RETURNING);
    times.push(performance.now() - started);
    bare.close();
  }
  return times;
}

async function figures(lab: Lab, instance: Instance, floor: Floor): Promise<Figure[]> {
  const missed = await catchUp(lab, await foundCompany(instance));
  const returned: number[] = [];
  for (let i = 0; i < lab.repeat; i++) {
    returned.push(await returnOfAll());
    lab.say(`${RETURNING} viewers back after ${returned.at(-1)?.toFixed(0)} ms`);
  }
  return [
    {
      what: `${MISSED} missed events delivered`,
      unit: "ms",
      samples: missed,
      goal: { most: 1_000 },
      floor: { what: "the same bytes from a bare ws", samples: await bareReplay(lab, floor) },
    },
    {
      what: `${RETURNING} viewers converged after kill -9 of rooms`,
      unit: "ms",
      samples: returned,
      goal: { most: 10_000 },
      floor: { what: "as many bare ws connects", samples: await bareReturn(lab, floor) },
    },
  ];
}

export const resume: Benchmark = {
  name: "resume",
  about: "coming back to a conversation",
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
