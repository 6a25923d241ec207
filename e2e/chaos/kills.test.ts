/** Ten kills in one run: whatever dies, everyone ends with the same whole log, and nothing happens twice. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFailed } from "vitest";
import { insist } from "../harness/api-client.ts";
import { archivedEvents } from "../harness/archive.ts";
import { foundCompany, inviteColleague, type Office, quietSession } from "../harness/company.ts";
import { type ChildRole, type Instance, startInstance } from "../harness/instance.ts";
import { pickSeed, type Random, seeded } from "../harness/random.ts";
import { until } from "../harness/until.ts";
import { joinAll, Viewer } from "../harness/viewer.ts";
import { overRest, overSocket } from "./author.ts";

/** Streams for seconds, uses tools, and asks twice for a command whose effect can be counted. */
const SCRIPT = `
@think First I look at what is there.
@slow 120 20
@say I will write notes, read them again, and then run a command that leaves a trace each time it runs.
@tool write_file {"path": "notes.txt", "content": "one\\ntwo\\nthree\\n"}
@tool list_files {}
@slow 120 20
@say The notes are written. Now I read them and search them, slowly enough for a few things to go wrong.
@tool read_file {"path": "notes.txt"}
@tool search_files {"pattern": "two"}
@slow 120 20
@say Now the command. It must never run twice, because what it does cannot be taken back.
@tool shell {"command": "echo first >> effects.txt; sleep 1; echo written"}
@slow 120 20
@say The first command is behind us, with whatever outcome. One more of the same kind.
@tool shell {"command": "echo second >> effects.txt; sleep 1; echo written"}
@slow 120 20
@say That was all.
`;
/** ms; the slowest way back is the launcher's back-off after several crashes in a row */
const RECOVERY_MS = 20_000;
/** events and live items, over three viewers, between two kills: up to about two seconds of a stream */
const MOST_ITEMS = 180;

let instance: Instance;
let office: Office;
let random: Random;

beforeAll(async () => {
  random = seeded(pickSeed());
  console.log(`seed ${random.seed}; ATRIUM_SEED=${random.seed} repeats it`);
  instance = await startInstance();
  office = await foundCompany(instance);
});
afterAll(() => instance?.remove());

it("ten kills in one run leave every viewer the same whole log, one end, and each effect at most once", {
  timeout: 120_000,
}, async () => {
  onTestFailed(() => console.log(`seed ${random.seed}\n${instance.logs()}`));
  const { owner, company, agent } = office;
  const colleague = await inviteColleague(instance, office, "Ben", "operator");
  const session = await quietSession(office);
  const people = [owner, owner, colleague];
  let frames = 0;
  const count = (items: readonly unknown[]): void => {
    frames += items.length;
  };
  const watching = people.map(
    (person) => new Viewer(person, "agent", agent, { random: random.next, events: count, live: count }),
  );
  const floors = people.map((person) => new Viewer(person, "company", company, { random: random.next }));
  const talking = people.map((person) => new Viewer(person, "session", session, { random: random.next }));
  await Promise.all([joinAll(watching), joinAll(floors), joinAll(talking)]);
  const [watcher, , writer] = [watching[0], talking[1], talking[2]];
  if (!watcher || !writer) throw new Error("nobody is here");

  const authors = [overRest("Ana", office, session), overSocket("Ben", writer)];
  const run = await insist("the wake", () => owner.wake(company, agent, SCRIPT, { idempotencyKey: "the-run" }));
  const view = () => watcher.state.runs[run];
  const kills: ChildRole[] = [];
  const kill = async (role: ChildRole): Promise<void> => {
    kills.push(role);
    await instance.kill(role);
  };
  const pending = () => view()?.calls.find((call) => call.approval && !call.approval.decision)?.approval?.id;

  /** Waits until the viewers have been shown this much more, in the middle of a sentence or not, or nothing more will come. */
  const progress = async (items: number, over: () => boolean): Promise<void> => {
    const from = frames;
    await until(`${items} more items`, () => frames >= from + items || over(), RECOVERY_MS);
  };

  // While it streams: each kill a little later, so the moment moves with the seed.
  for (const role of random.shuffled<ChildRole>(["api", "rooms", "runner", random.next() < 0.5 ? "api" : "rooms"])) {
    await progress(random.between(1, MOST_ITEMS), () => pending() !== undefined);
    await kill(role);
  }

  // While it waits: the approval must outlive each of them. No runner holds the run now: a third lost attempt would end it.
  const first = await until("the first approval", pending, RECOVERY_MS);
  await until("the run to wait", () => view()?.state === "waiting", RECOVERY_MS);
  for (const role of random.shuffled<ChildRole>(["api", "rooms", "runner"])) {
    await kill(role);
    await instance.ready(RECOVERY_MS);
    expect(await stateOf(first), `after ${kills.join(", ")}`).toBe("pending");
  }

  const isAnother = (approval: string | undefined): boolean => approval !== undefined && approval !== first;

  // While the command runs: one kill together with the decision, the others as the run goes on.
  const [together, ...later] = random.shuffled<ChildRole>(["api", "rooms", "runner"]);
  const decided = insist("the decision", () => owner.decide(company, first, "allow", { idempotencyKey: `decide-${first}` }));
  if (together) await kill(together);
  await decided.catch(settledAnyway);
  for (const role of later) {
    await progress(random.between(1, MOST_ITEMS), () => isAnother(pending()) || view()?.state === "ended");
    await kill(role);
  }
  const second = await until("the second approval", () => (isAnother(pending()) ? pending() : undefined), RECOVERY_MS);
  await insist("the decision", () => colleague.decide(company, second, "allow"));
  await until("the end of the run", () => view()?.state === "ended", RECOVERY_MS);
  expect(kills).toHaveLength(10);
  expect(view()?.outcome).toBe("done");

  for (const author of authors) await author.stop();
  await instance.ready(RECOVERY_MS);
  await expectSameLog(watching, agent);
  await expectSameLog(floors, company);
  await expectSameLog(talking, session);

  const events = await owner.runEvents(company, run);
  expect(events.filter((event) => event.type === "run.ended")).toHaveLength(1);
  const base = watcher.witness.base;
  const ofRun = watcher.witness.log.map(({ text }) => JSON.parse(text)).filter((event) => event.run === run && event.seq > base);
  expect(events).toEqual(ofRun);

  for (const author of authors) expectOnceInOrder(author.sent, talking);
  expectAtMostOnce(events);
  const { items } = await owner.approvals(company);
  expect(items.map((approval) => approval.state).filter((state) => state !== "executed" && state !== "unknown")).toEqual([]);
});

async function stateOf(approval: string): Promise<string | undefined> {
  return until("the approval from its room", async () => {
    const { items, stale } = await office.owner.approvals(office.company);
    return stale ? undefined : items.find((item) => item.id === approval)?.state;
  });
}

/** A decision that was carried out although its answer was lost: the repeat then hears so. */
function settledAnyway(error: unknown): void {
  if (!(error instanceof Error && /in_progress|conflict|decided/.test(error.message))) throw error;
}

/** Every viewer of a room holds the same bytes, without gap, repeat or reset, and so does the archive. */
async function expectSameLog(viewers: readonly Viewer<"agent" | "company" | "session">[], room: string): Promise<void> {
  const [one] = viewers;
  if (!one) throw new Error("nobody looks");
  const { party } = one;
  await until(`the archive of ${party} to reach every viewer's head`, () => {
    const head = Math.max(...viewers.map((viewer) => viewer.witness.head));
    return archivedEvents(instance, party, room).at(-1)?.seq === head && viewers.every((viewer) => viewer.witness.head === head);
  });
  const from = Math.max(...viewers.map((viewer) => viewer.witness.base));
  const archived = archivedEvents(instance, party, room);
  expect(archived.map(({ seq }) => seq)).toEqual(archived.map((_, index) => index + 1));
  const expected = archived.filter(({ seq }) => seq > from).map(({ text }) => text);
  for (const viewer of viewers) {
    expect(viewer.witness.violations).toEqual([]);
    expect(viewer.witness.resets).toEqual([]);
    expect(viewer.witness.after(from)).toEqual(expected);
  }
  expect(viewers.map((viewer) => JSON.stringify(viewer.state))).toEqual(viewers.map(() => JSON.stringify(one.state)));
}

/** Each acknowledged message is in the log once, in its author's order. */
function expectOnceInOrder(sent: readonly string[], viewers: readonly Viewer<"session">[]): void {
  expect(sent.length).toBeGreaterThan(10);
  const author = sent[0]?.split(" ")[0];
  for (const viewer of viewers) {
    const texts = viewer.witness.log
      .map(({ text }) => JSON.parse(text))
      .filter((event) => event.type === "message.posted" && event.message.text.startsWith(`${author} `))
      .map((event) => event.message.text);
    expect(texts).toEqual(sent);
  }
}

/** What the command left behind agrees with what the log says of each call. */
function expectAtMostOnce(events: readonly { type: string }[]): void {
  const workspace = join(instance.data, "workspaces", office.company, office.agent);
  const lines = readFileSync(join(workspace, "effects.txt"), "utf8").trim().split("\n");
  expect(lines).toEqual([...new Set(lines)]);
  const calls = new Map<unknown, string>();
  for (const event of events.map((one) => JSON.parse(JSON.stringify(one)))) {
    if (event.type === "tool.called" && event.name === "shell")
      calls.set(event.call, JSON.parse(event.input).command.split(" ")[1]);
    if (event.type === "tool.ended" && calls.has(event.call) && event.effect === "done")
      expect(lines).toContain(calls.get(event.call));
  }
  expect([...calls.values()].sort()).toEqual(["first", "second"]);
}
