/** One whole run of the simulator: a company at work under faults, then calm, then the reckoning. */
import type { AgentState } from "../../party/protocol/agent.ts";
import { liveRuns } from "../../party/protocol/agent-state.ts";
import { atLeast, type Role } from "../../party/protocol/roles.ts";
import { Api } from "./api.ts";
import { Kernel } from "./kernel.ts";
import { Oracle } from "./oracle.ts";
import { act, type Screens, tidyUp } from "./people.ts";
import { RoomsProcess } from "./rooms.ts";
import { Runner, type World } from "./runner.ts";
import { type Person, Viewer } from "./viewer.ts";

/** ms of trouble, and ms within which everything must have settled after it */
const TROUBLE_MS = 60_000;
const CALM_MS = 240_000;
/** ms between two looks at whether something still needs a person */
const TIDY_MS = 1_000;

export const COMPANY = "co_1";
export const AGENT = "ag_1";
const SESSION = "ss_1";
const SYSTEM = { id: "system", name: "Atrium", kind: "system" as const };

const CHANGING_ROLES: readonly Role[] = ["viewer", "member", "operator", "admin"];

export type Outcome = { failures: string[]; trace: string[]; effects: number; events: number };

export async function simulate(seed: number): Promise<Outcome> {
  const kernel = new Kernel(seed);
  const oracle = new Oracle();
  const rooms = new RoomsProcess(kernel);
  const api = new Api(kernel, rooms, oracle);
  const world: World = { kernel, rooms, api, oracle, company: COMPANY };
  const runners = [1, 2].map((n) => new Runner(`rn_${n}`, world));
  const people: Person[] = [
    { id: "u_olga", name: "Olga", role: "owner", rights: 1 },
    { id: "u_ana", name: "Ana", role: "operator", rights: 1 },
    { id: "u_ben", name: "Ben", role: "member", rights: 1 },
  ];
  setUp(api, people, kernel.random.between(1, 3));
  const open = (party: "company" | "agent" | "session", room: string) =>
    people.map((person) => new Viewer(kernel, rooms, oracle, person, party, room));
  const screens: Screens = { company: open("company", COMPANY), agent: open("agent", AGENT), session: open("session", SESSION) };
  const viewers = [...screens.company, ...screens.agent, ...screens.session];

  rooms.weather = { lost: 0.03, doubled: 0.03, disk: 0.0005 };
  const troubled = () => kernel.elapsed < TROUBLE_MS;
  every(kernel, 12_000, troubled, () => changeRights(kernel, api, people));
  every(kernel, 1_500, troubled, () => act(kernel, oracle, screens));
  every(kernel, 3_000, troubled, () => misfortune(world, runners, viewers));
  const failed = () => oracle.failures.length + rooms.failures.length > 0;
  await kernel.run(TROUBLE_MS, failed);

  kernel.note("the faults stop");
  rooms.calm();
  api.diskFull = false;
  for (const room of rooms.rooms) kernel.after(0, () => room.turn("wakes", () => undefined));
  every(
    kernel,
    TIDY_MS,
    () => true,
    () => tidyUp(screens),
  );
  const settled = () =>
    rooms.up &&
    api.up &&
    api.restless === 0 &&
    rooms.rooms.every((room) => room.restless === 0) &&
    runners.every((runner) => !runner.alive || runner.busy === 0) &&
    viewers.every((viewer) => viewer.atHead && viewer.waiting === 0) &&
    screens.agent.every((viewer) => liveRuns(viewer.state as AgentState).length === 0);
  const calm = await kernel.run(TROUBLE_MS + CALM_MS, () => failed() || settled());
  if (!calm && !failed()) oracle.fail(`not settled: ${restOf(world, rooms, runners, viewers)}`);
  if (!failed()) {
    for (const room of rooms.rooms) oracle.settledRoom(room.name, room.head, room.state);
    for (const room of rooms.rooms) {
      for (const { person, role } of room.seats) {
        const now = people.find(({ id }) => id === person);
        if (!now || !atLeast(now.role, role)) oracle.fail(`${person} sits in ${room.name} as ${role} and is ${now?.role}`);
      }
    }
    for (const viewer of viewers) {
      const room = rooms.room(viewer.party, viewer.room);
      if (JSON.stringify(viewer.state) !== JSON.stringify(room.state))
        oracle.fail(`${viewer.person.id} shows another ${room.name}`);
    }
  }
  const events = rooms.rooms.reduce((sum, room) => sum + room.head, 0);
  return { failures: [...oracle.failures, ...rooms.failures], trace: kernel.trace, effects: oracle.effects, events };
}

/** A company with its people, one agent and one conversation. */
export function setUp(api: Api, people: readonly Person[], maxConcurrentRuns: number): void {
  api.record("company", COMPANY, { kind: "company", config: { id: COMPANY, name: "North", prefix: "NOR", fourEyes: false } });
  for (const { id, name, role, rights } of people) {
    api.record("company", COMPANY, { kind: "member", member: { id, name, role, rights }, by: SYSTEM });
  }
  const config = {
    id: AGENT,
    company: COMPANY,
    name: "Guide",
    title: "",
    runtime: "native",
    model: "rehearsal",
    instructions: "",
    tools: { profile: "coding" as const },
    maxConcurrentRuns,
    retired: false,
  };
  api.record("company", COMPANY, { kind: "agent", config });
  api.record("agent", AGENT, { kind: "agent", config });
  api.record("session", SESSION, {
    kind: "session",
    config: { id: SESSION, company: COMPANY, agent: AGENT, agentName: "Guide", title: "", private: false, archived: false },
  });
}

function every(kernel: Kernel, ms: number, while_: () => boolean, run: () => void): void {
  kernel.after(kernel.random.next() * 2 * ms, () => {
    if (!while_()) return;
    run();
    every(kernel, ms, while_, run);
  });
}

/** An admin changes somebody's role: their sockets with more rights close, and they come back with a new ticket. */
function changeRights(kernel: Kernel, api: Api, people: readonly Person[]): void {
  const person = people[kernel.random.between(1, people.length - 1)];
  if (!person) return;
  person.role = CHANGING_ROLES[kernel.random.between(0, CHANGING_ROLES.length - 1)] ?? "member";
  person.rights += 1;
  const { id, name, role, rights } = person;
  kernel.note(`${id} is ${role} now`);
  api.record("company", COMPANY, { kind: "member", member: { id, name, role, rights }, by: SYSTEM });
}

/** One thing that goes wrong. */
function misfortune(world: World, runners: Runner[], viewers: readonly Viewer[]): void {
  const { kernel, rooms, api } = world;
  const { random } = kernel;
  const viewer = viewers[random.between(0, viewers.length - 1)];
  const runner = runners.filter((one) => one.alive)[0];
  const dice = random.next();
  if (dice < 0.05) rooms.kill();
  else if (dice < 0.15) rooms.doomed = true;
  else if (dice < 0.25) api.kill();
  else if (dice < 0.4) replace(world, runners, runner);
  else if (dice < 0.5) runner?.freeze(random.between(100, 40_000));
  else if (dice < 0.65) viewer?.cut();
  else if (dice < 0.75) viewer?.pause(random.between(100, 5_000));
  else if (dice < 0.9) for (const room of rooms.rooms) room.sleep();
  else {
    api.diskFull = true;
    kernel.after(random.between(100, 5_000), () => {
      api.diskFull = false;
    });
  }
}

/** The runner dies; another one starts, and the launcher reports the death, sooner or later. */
function replace(world: World, runners: Runner[], runner: Runner | undefined): void {
  if (!runner) return;
  const { kernel, api } = world;
  runner.kill();
  runners.push(new Runner(`rn_${runners.length + 1}`, world));
  if (kernel.random.next() < 0.8) kernel.after(kernel.random.between(50, 2_000), () => api.gone(runner.id, [AGENT]));
}

function restOf({ api }: World, rooms: RoomsProcess, runners: readonly Runner[], viewers: readonly Viewer[]): string {
  const state = rooms.room("agent", AGENT).state as AgentState;
  return JSON.stringify({
    api: api.restless,
    rooms: rooms.rooms.map((room) => [room.name, room.restless, room.head]),
    runners: runners.filter((runner) => runner.alive).map((runner) => runner.busy),
    viewers: viewers.map((viewer) => [viewer.person.id, viewer.party, viewer.seq, viewer.waiting]),
    live: liveRuns(state).map(({ id, state: now, why, calls, steers }) => ({ id, now, why, calls, steers })),
    agent: state.status,
  });
}
