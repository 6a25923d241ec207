import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseScript } from "../models/rehearsal/script.ts";
import { loadSkills, MAX_SKILL_BYTES } from "./load.ts";

let folder: string;
let lines: string[];
const load = (from = folder) => loadSkills(from, (line) => lines.push(line));
const text = (name: string, body = "Do it well.") => `---\nname: ${name}\ndescription: For ${name}.\n---\n${body}`;

async function write(name: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, "SKILL.md"), content);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "atrium-skills-"));
  lines = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("loadSkills", () => {
  it("reads every folder with a SKILL.md, by name, and nothing beside them", async () => {
    await write("second", text("second"));
    await write("first", text("first"));
    await writeFile(join(folder, "README.md"), "about the folder");
    expect(await load()).toEqual([
      { name: "first", description: "For first.", body: "Do it well." },
      { name: "second", description: "For second.", body: "Do it well." },
    ]);
    expect(lines).toEqual([]);
  });

  it("leaves out what is broken with a line that names it, and keeps the rest", async () => {
    await write("good", text("good"));
    await write("broken", "no frontmatter");
    await write("misnamed", text("other"));
    await write("binary", Uint8Array.of(...Buffer.from(text("binary")), 0xff));
    await mkdir(join(folder, "empty"));
    expect((await load()).map(({ name }) => name)).toEqual(["good"]);
    for (const name of ["broken", "misnamed", "binary", "empty"]) {
      expect(
        lines.filter((line) => line.includes(join(folder, name, "SKILL.md"))),
        name,
      ).toHaveLength(1);
    }
    expect(lines).toHaveLength(4);
  });

  it("takes a file of the longest length and none above", async () => {
    const fill = (name: string, bytes: number) => write(name, text(name).padEnd(bytes, "x"));
    await fill("longest", MAX_SKILL_BYTES);
    await fill("too-long", MAX_SKILL_BYTES + 1);
    expect((await load()).map(({ name }) => name)).toEqual(["longest"]);
    expect(lines).toEqual([expect.stringContaining(`it has ${MAX_SKILL_BYTES + 1} bytes and may have ${MAX_SKILL_BYTES}`)]);
  });

  it("follows no link and waits for no pipe", async () => {
    await writeFile(join(folder, "outside.md"), text("linked"));
    await mkdir(join(folder, "linked"));
    await symlink(join(folder, "outside.md"), join(folder, "linked", "SKILL.md"));
    await mkdir(join(folder, "pipe"));
    execFileSync("mkfifo", [join(folder, "pipe", "SKILL.md")]);
    expect(await load()).toEqual([]);
    expect(lines).toHaveLength(2);
  });

  it("offers none when the folder cannot be read, and says so", async () => {
    expect(await load(join(folder, "nowhere"))).toEqual([]);
    expect(lines).toEqual([expect.stringContaining(join(folder, "nowhere"))]);
  });
});

describe("the bundled skills", () => {
  it("can all be read, and their scripts can be played to the last line", async () => {
    const skills = await load(resolve(import.meta.dirname, "../../skills"));
    expect(lines).toEqual([]);
    expect(skills.map(({ name }) => name)).toEqual([
      "rehearse-a-file",
      "rehearse-a-long-answer",
      "rehearse-a-question",
      "rehearse-consent",
    ]);
    for (const { body } of skills) {
      const turns = parseScript(body);
      expect(turns.length).toBeGreaterThan(0);
      expect(JSON.stringify(turns)).not.toContain("cannot be played");
    }
  });
});
