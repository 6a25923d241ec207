/**
 * `npm run bench [-- <name> ..] [--repeat <n>] [--json]`: measures a real instance on this machine and prints tables. The
 * numbers are for people to judge: the exit code is 0 unless a benchmark could not run.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { fanout } from "./fanout.ts";
import type { Benchmark } from "./figure.ts";
import { latency } from "./latency.ts";
import { memory } from "./memory.ts";
import { models } from "./models.ts";
import { asText, describeSetting, type Section } from "./report.ts";
import { restoring } from "./restore.ts";
import { resume } from "./resume.ts";
import { searching } from "./search.ts";
import { startup } from "./startup.ts";
import { streams } from "./streams.ts";
import { uploading } from "./upload.ts";
import { web } from "./web.ts";

const BENCHMARKS: readonly Benchmark[] = [
  startup,
  memory,
  latency,
  resume,
  fanout,
  searching,
  models,
  streams,
  web,
  uploading,
  restoring,
];
/** odd, so that the median is one of them */
const REPEAT = 5;

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "boolean" }, repeat: { type: "string" } },
  });
  const chosen = positionals.length > 0 ? positionals.map(byName) : BENCHMARKS;
  const repeat = Number(values.repeat ?? REPEAT);
  if (!Number.isInteger(repeat) || repeat < 1) throw new Error("--repeat takes a number from 1.");

  const setting = describeSetting();
  const sections: Section[] = [];
  for (const { name, about, run } of chosen) {
    const say = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
    say(about);
    const before = load();
    const figures = await run({ repeat, say });
    sections.push({ name, about, figures, load: [before, load()] });
  }
  process.stdout.write(values.json ? `${JSON.stringify({ setting, sections }, null, 2)}\n` : `${asText(setting, sections)}\n`);
}

function load(): number {
  return loadavg()[0] ?? 0;
}

function byName(name: string): Benchmark {
  const found = BENCHMARKS.find((benchmark) => benchmark.name === name);
  if (!found) throw new Error(`There is no benchmark "${name}". There are ${BENCHMARKS.map((one) => one.name).join(", ")}.`);
  return found;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);
