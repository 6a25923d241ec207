/** One agent's stream, and one message, to many. */
import { setTimeout as pause } from "node:timers/promises";
import { foundCompany, type Office, quietSession } from "../harness/company.ts";
import { HttpClient } from "../harness/http.ts";
import { type Instance, startInstance } from "../harness/instance.ts";
import { cpuMs } from "../harness/processes.ts";
import { until } from "../harness/until.ts";
import { joinAll, Viewer } from "../harness/viewer.ts";
import { Arrivals } from "./arrivals.ts";
import { type Benchmark, type Figure, type Lab, percentile } from "./figure.ts";
import { type Floor, openBare, startFloor } from "./floor.ts";

const WATCHERS = 100;
/** pieces a second the rehearsal model streams */
const DELTAS_PER_S = 200;
/** ms of streaming that are measured, and before that until it runs evenly */
const WINDOW_MS = 5_000;
const WARM_UP_MS = 1_500;
/** bytes of one live frame at this rate: seven pieces and their envelope */
const FRAME_BYTES = 240;
const ROOM_SIZES = [1, 10, 100, 500];
/** messages to a full room, and ms between them */
const MESSAGES = 60;
const APART_MS = 50;

type Streamed = { cpu: number[]; frames: number[] };

/** CPU of the rooms while one run streams to many viewers, in % of one core, and the frames a second each of them got. */
async function stream(lab: Lab, instance: Instance, { owner, company, agent }: Office): Promise<Streamed> {
  let frames = 0;
  const ended = new Set<string>();
  const viewers = Array.from({ length: WATCHERS }, (_, index) => {
    return new Viewer(owner, "agent", agent, {
      record: "off",
      live: () => void frames++,
      events: (events) => {
        if (index === 0) for (const event of events) if (event.type === "run.ended") ended.add(event.run);
      },
    });
  });
  await joinAll(viewers, 30_000);
  const rooms = await instance.pid("rooms");
  const pieces = ((WARM_UP_MS + WINDOW_MS) / 1_000 + 1) * DELTAS_PER_S;
  const found: Streamed = { cpu: [], frames: [] };
  for (let i = 0; i < lab.repeat; i++) {
    frames = 0;
    const text = "word ".repeat(pieces).trim();
    const run = await owner.wake(company, agent, `@slow ${pieces} ${1_000 / DELTAS_PER_S}\n@say ${text}`);
    await until("the first frames", () => frames > WATCHERS);
    await pause(WARM_UP_MS);
    const [cpuBefore, framesBefore, from] = [cpuMs(rooms), frames, performance.now()];
    await pause(WINDOW_MS);
    const ms = performance.now() - from;
    found.cpu.push(((cpuMs(rooms) - cpuBefore) / ms) * 100);
    found.frames.push((frames - framesBefore) / (ms / 1_000) / WATCHERS);
    lab.say(
      `${WATCHERS} watchers: ${found.cpu.at(-1)?.toFixed(1)} % of a core, ${found.frames.at(-1)?.toFixed(1)} frames/s each`,
    );
    await until("the end of the run", () => ended.has(run), 30_000);
  }
  for (const viewer of viewers) viewer.stop();
  return found;
}

/** The CPU of a bare ws server for the same frames, in % of one core. */
async function bareStream(lab: Lab, floor: Floor, framesPerS: number): Promise<number[]> {
  const http = new HttpClient(floor.url);
  const bare = await openBare(floor, WATCHERS, () => undefined);
  const samples: number[] = [];
  for (let i = 0; i < lab.repeat; i++) {
    const ms = WINDOW_MS + WARM_UP_MS;
    await http.send({ method: "POST", path: `/stream?frames=${framesPerS}&bytes=${FRAME_BYTES}&ms=${ms}`, body: "{}" });
    await pause(WARM_UP_MS / 2);
    const [before, from] = [cpuMs(floor.pid), performance.now()];
    await pause(WINDOW_MS);
    samples.push(((cpuMs(floor.pid) - before) / (performance.now() - from)) * 100);
    await pause(WARM_UP_MS);
  }
  bare.close();
  http.close();
  return samples;
}

/** ms from a command on one viewer's socket to its arrival at all of them: median over messages and viewers. */
async function toRoom(lab: Lab, office: Office, count: number): Promise<number[]> {
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
  await joinAll(viewers, 60_000);
  const [first] = viewers;
  const samples: number[] = [];
  // The first round meets cold code.
  for (let i = 0; first && i <= lab.repeat; i++) {
    arrivals = new Arrivals(count);
    for (let n = 0; n < MESSAGES; n++) {
      await Promise.all([first.command({ type: "message.post", text: arrivals.expect() }), pause(APART_MS)]);
    }
    const times = await arrivals.all();
    if (i > 0) samples.push(percentile(times, 0.5));
  }
  for (const viewer of viewers) viewer.stop();
  return samples;
}

async function bareToRoom(lab: Lab, floor: Floor, count: number): Promise<number[]> {
  const http = new HttpClient(floor.url);
  let arrivals = new Arrivals(count);
  const bare = await openBare(floor, count, (text, viewer) => arrivals.heard(JSON.parse(text).text, viewer));
  const samples: number[] = [];
  for (let i = 0; i <= lab.repeat; i++) {
    arrivals = new Arrivals(count);
    for (let n = 0; n < MESSAGES; n++) {
      const body = JSON.stringify({ text: arrivals.expect() });
      await Promise.all([http.send({ method: "POST", path: "/", body }), pause(APART_MS)]);
    }
    const times = await arrivals.all();
    if (i > 0) samples.push(percentile(times, 0.5));
  }
  bare.close();
  http.close();
  return samples;
}

async function figures(lab: Lab, instance: Instance, floor: Floor): Promise<Figure[]> {
  const office = await foundCompany(instance);
  const streamed = await stream(lab, instance, office);
  const bare = await bareStream(lab, floor, percentile(streamed.frames, 0.5));
  const rows: Figure[] = [
    {
      what: `rooms, ${DELTAS_PER_S} deltas/s to ${WATCHERS} viewers`,
      unit: "% of a core",
      samples: streamed.cpu,
      goal: { most: 20 },
      floor: { what: "bare ws, the same frames", samples: bare },
    },
    { what: "frames to each of them", unit: "per s", samples: streamed.frames },
  ];
  for (const count of ROOM_SIZES) {
    lab.say(`a room of ${count}`);
    rows.push({
      what: `message -> ${count} viewer${count > 1 ? "s" : ""}, p50`,
      unit: "ms",
      samples: await toRoom(lab, office, count),
      floor: { what: "bare http POST + ws fan-out", samples: await bareToRoom(lab, floor, count) },
    });
  }
  return rows;
}

export const fanout: Benchmark = {
  name: "fanout",
  about: "one stream, and one stored message, to many viewers through the public port",
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
