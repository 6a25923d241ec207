/** A runner on another machine: here it has a data folder of its own, and knows of the instance only its public address. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { foundCompany, type Office } from "../harness/company.ts";
import { cleanEnvironment, type Instance, ROOT, startInstance } from "../harness/instance.ts";
import { processesNaming } from "../harness/processes.ts";
import { until } from "../harness/until.ts";

const invited = z.object({ token: z.string(), command: z.string() });
const listed = z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) });
const files = z.object({ items: z.array(z.object({ id: z.string(), path: z.string().optional() }).loose()) });
const SCRIPT = ["@think Where am I?", '@tool write_file {"path":"notes.md","content":"written elsewhere"}', "@say Done."].join(
  "\n",
);

describe("a runner on another machine", { timeout: 150_000 }, () => {
  let instance: Instance;
  let office: Office;
  const elsewhere = mkdtempSync(join(tmpdir(), "atrium-elsewhere-"));
  const children: ReturnType<typeof spawn>[] = [];

  beforeAll(async () => {
    instance = await startInstance({ env: { ATRIUM_LOCAL_RUNNER: "0" } });
    office = await foundCompany(instance);
  }, 150_000);
  afterAll(async () => {
    for (const child of children) if (child.exitCode === null) child.kill("SIGTERM");
    await until("the end of the runner", () => processesNaming(elsewhere).length === 0, 15_000);
    await instance?.remove();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  /** `npm start -- --only runner`, as on a machine that has a copy of the program and nothing else. */
  function startRunner(...args: string[]): { output: () => string; code: () => number | null } {
    const line = [
      "--disable-warning=ExperimentalWarning",
      "--import",
      "./server/node-guard.mjs",
      "server/start.ts",
      "--only",
      "runner",
      ...args,
    ];
    const child = spawn(process.execPath, line, {
      cwd: ROOT,
      env: { ...cleanEnvironment(), ATRIUM_DATA: elsewhere },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    children.push(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return { output: () => output, code: () => child.exitCode };
  }

  const runEnds = async (run: string): Promise<unknown> =>
    until(
      "the end of the run",
      async () => {
        const { state, outcome } = await office.owner.run(office.company, run);
        return state === "ended" && outcome;
      },
      30_000,
    );

  it("says in a sentence what is wrong with a token", async () => {
    const refused = startRunner("--join", `${instance.url}#${"x".repeat(43)}`);
    await until("its end", () => refused.code() !== null, 60_000);
    expect(refused.output()).toContain("did not let this machine in: This token is spent, too old, or was never made.");
    const lost = startRunner("--join", "atrium.example.com");
    await until("its end", () => lost.code() !== null, 60_000);
    expect(lost.output()).toContain("--join takes an address with its token");
  });

  it("joins once, carries runs out, and what they make comes back", async () => {
    const { owner, company, agent } = office;
    const run = await owner.wake(company, agent, SCRIPT);
    const { command } = await owner.ask(invited, "POST", "/api/instance/runners");
    const link = command.split(" ").at(-1) ?? "";
    startRunner("--join", link);
    expect(await runEnds(run)).toBe("done");

    const { items } = await owner.ask(files, "GET", `/api/companies/${company}/files?agent=${agent}`);
    const note = items.find((file) => file.path === "notes.md");
    const content = await owner.raw("GET", `/api/companies/${company}/files/${note?.id}/content`);
    expect(content.text).toBe("written elsewhere");
    // The file lies in the other machine's folder, and no secret of the instance does.
    expect(existsSync(join(elsewhere, "workspaces", company, agent, "notes.md"))).toBe(true);
    expect(existsSync(join(elsewhere, "secrets/rooms.key"))).toBe(false);
    expect(statSync(join(elsewhere, "secrets/home.json")).mode & 0o777).toBe(0o600);
    const secret = readFileSync(join(instance.data, "secrets/rooms.key"), "utf8").trim();
    for (const line of processesNaming(elsewhere)) {
      expect(readFileSync(`/proc/${line.split(" ", 1)[0]}/environ`, "utf8")).not.toContain(secret);
    }
  });

  it("comes back with its key after a stop, and waits out a restart of the instance's api", async () => {
    const { owner, company, agent } = office;
    for (const child of children) if (child.exitCode === null) child.kill("SIGTERM");
    await until("the end of the runner", () => processesNaming(elsewhere).length === 0, 15_000);
    startRunner();
    await instance.kill("api");
    const run = await until("a wake", () => owner.wake(company, agent, SCRIPT), 30_000);
    expect(await runEnds(run)).toBe("done");
  });

  it("is cut off at once when its key is taken away", async () => {
    const { owner, company, agent } = office;
    const { items } = await owner.ask(listed, "GET", "/api/instance/runners");
    const { status } = await owner.raw("DELETE", `/api/instance/runners/${items[0]?.id}`);
    expect(status).toBe(204);
    const run = await owner.wake(company, agent, SCRIPT);
    const log = (): string => readFileSync(join(elsewhere, "logs/runner.log"), "utf8");
    await until("the refusal", () => log().includes("401"), 15_000);
    expect((await owner.run(company, run)).state).toBe("queued");
  });
});
