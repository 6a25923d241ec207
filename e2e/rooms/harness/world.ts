/** A company with one agent and one conversation, set up as the api sets them up. */
import type { AgentConfig } from "../../../party/protocol/agent.ts";
import type { DispatchRequest } from "../../../party/protocol/internal.ts";
import { until } from "../../harness/until.ts";
import { Feeder, type NewEvent } from "./feeder.ts";
import { Link } from "./link.ts";
import { type Rooms, startRooms } from "./rooms.ts";
import { ANA, BEN, OLGA, Viewer, type ViewOptions, type Who } from "./viewer.ts";

const BY = { id: OLGA.id, name: OLGA.name, kind: "person" as const };
/** Ids of one world are taken once, so that several tests share a workerd without sharing a room. */
let worlds = 0;

export class World {
  readonly rooms: Rooms;
  readonly company: string;
  readonly agent: string;
  readonly session: string;

  private constructor(rooms: Rooms) {
    worlds += 1;
    this.rooms = rooms;
    this.company = `co_${worlds}`;
    this.agent = `ag_${worlds}`;
    this.session = `ss_${worlds}`;
  }

  static async create(rooms: Rooms, config: Partial<AgentConfig> = {}): Promise<World> {
    const world = new World(rooms);
    const company = await world.link("company");
    await company.record({
      kind: "company",
      config: { id: world.company, name: "North", prefix: "NOR", fourEyes: false },
    });
    for (const { id, name, role, rights } of [OLGA, ANA, BEN]) {
      await company.record({ kind: "member", member: { id, name, role, rights }, by: BY });
    }
    await company.record({ kind: "agent", config: world.agentConfig(config) });
    const agent = await world.link("agent");
    await agent.record({ kind: "agent", config: world.agentConfig(config) });
    const session = await world.link("session");
    await session.record({
      kind: "session",
      config: {
        id: world.session,
        company: world.company,
        agent: world.agent,
        agentName: "Guide",
        title: "A talk",
        private: false,
        archived: false,
      },
    });
    for (const link of [company, agent, session]) link.close();
    return world;
  }

  agentConfig(config: Partial<AgentConfig> = {}): AgentConfig {
    return {
      id: this.agent,
      company: this.company,
      name: "Guide",
      title: "Helps",
      runtime: "native",
      model: "rehearsal",
      instructions: "Be kind.",
      tools: { profile: "coding" },
      maxConcurrentRuns: 1,
      retired: false,
      ...config,
    };
  }

  id(party: "company" | "agent" | "session"): string {
    return this[party];
  }

  link(party: "company" | "agent" | "session"): Promise<Link> {
    return Link.to(this.rooms, party, this.id(party));
  }

  view(party: "company" | "agent" | "session", options: ViewOptions = {}): Promise<Viewer> {
    return Viewer.join(this.rooms, party, this.id(party), this.company, options);
  }

  /** Changes a person's rights as the api does. */
  async member(who: Who): Promise<void> {
    const link = await this.link("company");
    const { id, name, role, rights } = who;
    await link.record({ kind: "member", member: { id, name, role, rights }, by: BY });
    link.close();
  }

  async removeMember(who: Who, rights: number): Promise<void> {
    const link = await this.link("company");
    await link.record({ kind: "member.removed", id: who.id, name: who.name, rights, by: BY });
    link.close();
  }

  /** Wakes the agent and takes the run it makes, as a runner with a free slot does. */
  async run(prompt = "Tidy up", runner = "rn_test"): Promise<{ feeder: Feeder; dispatch: DispatchRequest }> {
    const { api } = this.rooms;
    const known = new Set(api.dispatches.map(({ run }) => run));
    api.onDispatch = () => true;
    const link = await this.link("agent");
    const woken = await link.send({ op: "wake", wake: this.wake(prompt) });
    if (!woken.ok) throw new Error(`${woken.code}: ${woken.message}`);
    link.close();
    const dispatch = await until("a dispatch", () =>
      api.dispatches.findLast(({ run, agent }) => agent === this.agent && !known.has(run)),
    );
    return { feeder: await this.take(dispatch, runner), dispatch };
  }

  /** Claims a dispatched run and starts it. */
  async take(dispatch: DispatchRequest, runner = "rn_test"): Promise<Feeder> {
    const feeder = await Feeder.open(this.rooms, this.agent, dispatch.run, runner, dispatch.fence);
    const { run } = await feeder.claim();
    await feeder.commit([started(run.attempt, dispatch.fence)]);
    return feeder;
  }

  wake(prompt: string, key = `wake-${Math.random()}`): Parameters<typeof wakeOf>[0] {
    return wakeOf({
      key,
      source: "person",
      reason: "Asked in the room",
      subject: { kind: "none" },
      prompt,
      requestedBy: { id: ANA.id, name: ANA.name, kind: "person" },
    });
  }
}

type Wake = {
  key: string;
  source: "person" | "heartbeat" | "chat";
  reason: string;
  subject: { kind: "none" } | { kind: "issue"; id: string };
  prompt: string;
  requestedBy: { id: string; name: string; kind: "person" | "agent" | "system" };
};
const wakeOf = (wake: Wake): Wake => wake;

export function started(attempt: number, fence: number): NewEvent {
  return {
    type: "run.started",
    runtime: "native",
    model: "rehearsal",
    tools: ["shell"],
    skills: [],
    mcp: [],
    cwd: "/workspace",
    attempt,
    fence,
    sandbox: "bubblewrap",
  };
}

export const ENDED: NewEvent = {
  type: "run.ended",
  outcome: "done",
  text: "Done.",
  usage: { input: 1, output: 1, cached: 0, thinking: 0 },
  cost: 0,
  ms: 5,
};

export { startRooms };
