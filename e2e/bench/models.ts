/** What the engine adds to a model's turn and to a tool call, over the bare SDK against the same fake. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { z } from "zod";
import { listFiles } from "../../server/tools/list-files.ts";
import { startFakeAnthropic } from "../fakes/models/anthropic.ts";
import type { Answer, Asked } from "../fakes/models/brain.ts";
import type { FakeModelServer } from "../fakes/models/server.ts";
import { foundCompany, type Office } from "../harness/company.ts";
import { startInstance } from "../harness/instance.ts";
import { until } from "../harness/until.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";

/** turns of one run, below the loop's limit */
const TURNS = 60;
/** turns at the beginning that meet cold code */
const COLD = 10;
/** The first word of a prompt decides what every turn of its run does. */
const TALK = "talk";
const WORK = "work";
const MODEL = "claude-sonnet-5";

const withVersion = z.object({ version: z.number() }).loose();
const withId = z.object({ id: z.string() }).loose();

/** Talks for so many turns and asks to be called again, or calls a tool in each. */
function brain({ messages }: Asked): Answer {
  const turns = messages.filter(({ role }) => role === "assistant").length;
  const isWork = messages.some(({ role, text }) => role === "user" && text.includes(WORK));
  if (turns >= TURNS) return { says: [{ kind: "text", text: "Done." }] };
  const text = { kind: "text" as const, text: `Turn ${turns} of ${TURNS}, with a few words as a model has them.` };
  if (!isWork) return { says: [text], stop: "pause" };
  // Not the same twice in a row: the loop would ask whether to go on.
  return { says: [text, { kind: "tool", name: "list_files", input: JSON.stringify({ path: turns % 2 ? "." : "./" }) }] };
}

/** ms between the end of one answer and the next request: all that lies between two turns. */
function gaps(fake: FakeModelServer, from: number): number[] {
  const turns = fake.turns().slice(from);
  const found: number[] = [];
  for (const [index, turn] of turns.entries()) {
    const before = turns[index - 1]?.endedAt;
    if (before !== undefined && index > COLD) found.push(turn.at - before);
  }
  return found;
}

/** The same turns with the SDK alone: it answers calls with the tool itself and remembers everything in memory. */
async function bare(fake: FakeModelServer, prompt: string, workspace: string): Promise<number[]> {
  const from = fake.turns().length;
  const client = new Anthropic({ baseURL: fake.url, apiKey: "key", authToken: null, maxRetries: 0 });
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: prompt }];
  const tools: Anthropic.Tool[] = [
    {
      name: "list_files",
      description: listFiles.description,
      input_schema: { ...z.toJSONSchema(listFiles.input), type: "object" },
    },
  ];
  for (;;) {
    const stream = client.messages.stream({ model: MODEL, max_tokens: 1_000, messages, tools });
    const { content, stop_reason } = await stream.finalMessage();
    messages.push({ role: "assistant", content });
    if (stop_reason === "end_turn") return gaps(fake, from);
    const results: Anthropic.ToolResultBlockParam[] = [];
    for (const block of content) {
      if (block.type !== "tool_use") continue;
      const context = { workspace, signal: new AbortController().signal, progress: () => {}, env: {} };
      const { output } = await listFiles.run(listFiles.input.parse(block.input), context);
      results.push({ type: "tool_result", tool_use_id: block.id, content: output });
    }
    if (results.length > 0) messages.push({ role: "user", content: results });
  }
}

async function engine(fake: FakeModelServer, { owner, company, agent }: Office, prompt: string): Promise<number[]> {
  const from = fake.turns().length;
  const run = await owner.wake(company, agent, prompt);
  await until("the end of the run", async () => (await owner.run(company, run)).state === "ended", 60_000);
  return gaps(fake, from);
}

/** Lets the agent be answered by the fake. */
export async function answerWith({ owner, company, agent }: Office, kind: string, url: string, model: string): Promise<void> {
  const path = `/api/companies/${company}`;
  const { id } = await owner.ask(withId, "POST", `${path}/providers`, {
    kind,
    name: "Fake",
    baseUrl: url,
    key: "key-of-the-bench",
  });
  await owner.ask(z.unknown(), "POST", `${path}/providers/${id}/test`);
  const { version } = await owner.ask(withVersion, "GET", `${path}/agents/${agent}`);
  await owner.ask(z.unknown(), "PATCH", `${path}/agents/${agent}`, { version, model: `${id}/${model}` });
}

export const models: Benchmark = {
  name: "models",
  about: "a model's turn and a tool call through the engine, and with the bare SDK",
  async run({ repeat, say }) {
    const fake = await startFakeAnthropic({ brain });
    const instance = await startInstance();
    const workspace = await mkdtemp(join(tmpdir(), "atrium-bench-"));
    const turn = { ours: [] as number[], floor: [] as number[] };
    const call = { ours: [] as number[], floor: [] as number[] };
    try {
      const office = await foundCompany(instance);
      await answerWith(office, "anthropic", fake.url, MODEL);
      for (let i = 0; i < repeat; i++) {
        const [talk, work] = [median(await engine(fake, office, TALK)), median(await engine(fake, office, WORK))];
        const floorTalk = median(await bare(fake, TALK, workspace));
        const floorWork = median(await bare(fake, WORK, workspace));
        turn.ours.push(talk);
        turn.floor.push(floorTalk);
        // What a turn with a call takes longer than one without.
        call.ours.push(Math.max(0, work - talk));
        call.floor.push(Math.max(0, floorWork - floorTalk));
        say(
          `between turns ${talk.toFixed(1)} ms (bare ${floorTalk.toFixed(1)}), with a call ${work.toFixed(1)} (${floorWork.toFixed(1)})`,
        );
      }
    } finally {
      await instance.remove();
      await fake.close();
      await rm(workspace, { recursive: true, force: true });
    }
    return [...figures("between two turns of a model", turn, 10), ...figures("a call of a tool, list_files", call, 5)];
  },
};

function figures(what: string, { ours, floor }: { ours: number[]; floor: number[] }, most: number): Figure[] {
  const beyond = ours.map((ms, i) => Math.max(0, ms - (floor[i] ?? 0)));
  return [
    { what, unit: "ms", samples: ours, floor: { what: "the bare SDK", samples: floor } },
    { what: `${what}: beyond the bare SDK`, unit: "ms", samples: beyond, goal: { most } },
  ];
}
