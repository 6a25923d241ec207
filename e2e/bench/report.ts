/** Prints figures as a table, or as JSON, with the machine and the version they belong to. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../harness/instance.ts";
import { type Figure, median, reached } from "./figure.ts";

export type Section = {
  name: string;
  about: string;
  figures: Figure[];
  /** load of the last minute when the section began and ended: what is above our own few processes was somebody else's */
  load: [number, number];
};

export type Setting = {
  version: string;
  commit: string;
  node: string;
  cpu: string;
  cores: number;
  memoryGib: number;
  kernel: string;
  at: string;
};

/** What the numbers were measured on. */
export function describeSetting(): Setting {
  const manifest = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
  return {
    version: manifest.version,
    commit: commitOf(),
    node: process.versions.node,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    at: new Date().toISOString(),
  };
}

function commitOf(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

export function asText(setting: Setting, sections: readonly Section[]): string {
  const { version, commit, node, cpu, cores, memoryGib, kernel } = setting;
  return [
    `Atrium ${version} (${commit}), Node ${node}, ${cores} x ${cpu}, ${memoryGib} GiB, Linux ${kernel}`,
    ...sections.map(({ name, about, figures, load: [before, after] }) => {
      return `\n${name}: ${about} (load ${before.toFixed(1)} to ${after.toFixed(1)})\n${table(figures)}`;
    }),
  ].join("\n");
}

const HEAD = ["figure", "median", "range", "goal", "", "floor", "ratio", "floor is"];

function table(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  return rows.map((cells) => `  ${cells.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join("  ")}`.trimEnd()).join("\n");
}

/** Words to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === HEAD.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}

function row(figure: Figure): string[] {
  const { what, unit, samples, goal, floor } = figure;
  const value = median(samples);
  const kept = reached(figure);
  return [
    what,
    `${show(value)} ${unit}`,
    samples.length > 1 ? `${show(Math.min(...samples))}-${show(Math.max(...samples))}` : "",
    goal ? ("most" in goal ? `<= ${goal.most}` : `>= ${goal.least}`) : "",
    kept === undefined ? "" : kept ? "reached" : "MISSED",
    floor ? show(median(floor.samples)) : "",
    floor ? `${show(value / median(floor.samples))}x` : "",
    floor?.what ?? "",
  ];
}

function show(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
