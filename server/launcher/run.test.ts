/** The launcher as a process, over fixtures for api and runner and a real workerd. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanUp, journalOf, launch, makeProject, type Project, pidOf, processesOf, until, untilUp } from "./fixtures/project.ts";
import { LOOPBACK, pickPort } from "./ports.ts";

let project: Project;
beforeEach(() => {
  project = makeProject();
});
afterEach(() => cleanUp(project));

const logOf = (name: string): string => readFileSync(join(project.data, "logs", `${name}.log`), "utf8");
const commandLine = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
const commandOf = (name: string): string => commandLine(pidOf(project, name) ?? 0);
const toolOf = (): number => Number(/tool (\d+)/.exec(logOf("runner").split("started as process").at(-1) ?? "")?.[1]);
const nothingLeft = (withinMs: number) => until("nothing left", () => processesOf(project).length === 0, withinMs);

describe("a start", () => {
  it("tells the address and the first-owner link once, when everything serves", async () => {
    const running = launch(project);
    const url = await untilUp(running);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(running.output()).toContain(`${url}/first#token`);
    expect(logOf("launcher")).toContain(url);
    expect(logOf("launcher"), "the link is a secret").not.toContain("first#token");
    expect(running.output().match(/running at/g)).toHaveLength(1);
    expect(commandOf("api")).toContain("--only api");
    expect(commandOf("runner")).toContain("--only runner");
    expect(commandOf("rooms")).toMatch(/^\S*\/bin\/workerd serve/);
    expect(statSync(join(project.data, "rooms")).mode & 0o777).toBe(0o700);
  });

  it("binds secrets and generation into the rooms, which reach nothing but the api", async () => {
    await untilUp(launch(project));
    const rooms = `http://${/--socket-addr=http=(\S+)/.exec(commandOf("rooms"))?.[1]}`;
    const internal = /--external-addr=api=(\S+)/.exec(commandOf("rooms"))?.[1];
    expect(await (await fetch(`${rooms}/bindings`)).json()).toEqual({
      generation: "1",
      internal: `http://${internal}`,
      secret: 43,
    });
    // Unsigned, so the api refuses it: but it was the api that answered for another host.
    expect((await fetch(`${rooms}/elsewhere`)).status).toBe(401);
    expect(commandOf("rooms")).not.toContain(readFileSync(join(project.data, "secrets/rooms.key"), "utf8").trim());
  });

  it("gives the runner no secret it does not need: commands of agents may run as its user", async () => {
    await untilUp(launch(project, { env: { ATRIUM_METRICS_TOKEN: "a token for metrics" } }));
    const environmentOf = (name: string) => readFileSync(`/proc/${pidOf(project, name)}/environ`, "utf8");
    const secretOf = (name: string) => readFileSync(join(project.data, `secrets/${name}.key`), "utf8").trim();
    const secrets = [secretOf("rooms"), secretOf("tickets"), "a token for metrics"];
    const known = (name: string) => secrets.map((secret) => environmentOf(name).includes(secret));
    expect(known("api")).toEqual([true, true, true]);
    expect(known("runner")).toEqual([true, false, false]);
    expect(known("rooms")).toEqual([true, true, false]);
  });

  it("refuses a data folder that is in use and names lock and holder", async () => {
    const first = launch(project);
    const url = await untilUp(first);
    const second = launch(project);
    expect((await second.exit).code).toBe(1);
    const { pid } = first.process;
    expect(second.output()).toMatch(
      new RegExp(
        `^This data folder is in use: ${project.data}/lock\\.db is locked by process ${pid} \\(${url}, since .*\\)\\. Stop it first.*\n$`,
      ),
    );
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("refuses a port that is taken and says what to do", async () => {
    const port = await pickPort(LOOPBACK);
    const other = createServer().listen(port, LOOPBACK);
    const running = launch(project, { env: { PORT: String(port) } });
    expect((await running.exit).code).toBe(1);
    expect(running.output()).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program. Set PORT to a free one, for example PORT=${port + 1}.\n`,
    );
    other.close();
    await nothingLeft(5_000);
  });

  it("ends with the sentence of a child that cannot run", async () => {
    const running = launch(project, { env: { FIXTURE_FATAL: "1" } });
    expect((await running.exit).code).toBe(1);
    expect(running.output()).toContain("The database is from a newer version.");
    await nothingLeft(5_000);
  });

  it("runs one process alone on the addresses it is given", async () => {
    const [rooms, internal] = [await pickPort(LOOPBACK), await pickPort(LOOPBACK)];
    const env = { ATRIUM_ROOMS_URL: `http://127.0.0.1:${rooms}`, ATRIUM_INTERNAL_URL: `http://127.0.0.1:${internal}` };
    const running = launch(project, { args: ["--only", "rooms"], env });
    await until("the rooms to answer", () =>
      fetch(`${env.ATRIUM_ROOMS_URL}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );
    expect(processesOf(project).filter((line) => line.includes("--only api"))).toEqual([]);
    running.process.kill("SIGTERM");
    expect((await running.exit).code).toBe(0);
  });
});

describe("a child that dies", () => {
  it("is started again, and the api hears which runner is gone with everything it had started", async () => {
    const running = launch(project, { env: { FIXTURE_TOOL_GROUP: "own" } });
    await untilUp(running);
    const runner = await until("the runner", () => pidOf(project, "runner"));
    const tool = await until("its tool", toolOf);
    process.kill(runner, "SIGKILL");

    await until("the report", () => journalOf(project).some(({ told }) => told === "/internal/runners/gone"));
    expect(processesOf(project).filter((line) => line.startsWith(`${tool} `))).toEqual([]);
    await until("another runner", () => pidOf(project, "runner") !== runner && pidOf(project, "runner"));
    expect(running.output()).toMatch(/^runner stopped \(signal SIGKILL\); starting it again in 250 ms \(log: .*runner\.log\)$/m);
    const told = journalOf(project).filter((line) => line.told === "/internal/runners/gone");
    expect(told).toEqual([{ told: "/internal/runners/gone", body: expect.stringMatching(/^\{"runner":"rn_[0-9a-z]{26}"\}$/) }]);
  });

  it("comes back on the same address, whichever it is", async () => {
    const url = await untilUp(launch(project));
    for (const name of ["rooms", "api"]) {
      const before = await until(name, () => pidOf(project, name));
      process.kill(before, "SIGKILL");
      await until(`another ${name}`, () => pidOf(project, name) !== before && pidOf(project, name));
      await until("readiness", () =>
        fetch(`${url}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        ),
      );
    }
  });

  it("at every start is tried again with longer pauses, and its log tells why", async () => {
    cleanUp(project);
    project = makeProject({ api: "crash.ts", runner: "runner.ts" });
    const running = launch(project);
    await until("three attempts", () => /api stopped \(exit code 3\); starting it again in 1000 ms/.test(running.output()));
    expect(running.output()).toMatch(/in 250 ms.*in 500 ms.*in 1000 ms/s);
    expect(logOf("api")).toContain("cannot find my configuration");
  });
});

describe("a frozen child", () => {
  it("is noticed within 15 s and replaced, runner and rooms alike", async () => {
    const running = launch(project);
    await untilUp(running);
    // Before its first sign of life a process may take longer.
    await until("the runner", () => toolOf() > 0);
    const names = ["runner", "rooms"];
    const before = await Promise.all(names.map((name) => until(name, () => pidOf(project, name))));
    for (const pid of before) process.kill(pid, "SIGSTOP");
    await until(
      "both replaced",
      () => names.every((name, i) => pidOf(project, name) !== undefined && pidOf(project, name) !== before[i]),
      15_000,
    );
    for (const name of names)
      expect(running.output()).toMatch(new RegExp(`^${name} gave no sign of life for \\d+ s; killing it`, "m"));
    expect(processesOf(project).filter((line) => before.some((pid) => line.startsWith(`${pid} `)))).toEqual([]);
  });
});

describe("a launcher that is killed", () => {
  it("takes its children and theirs along within 5 s, and the next start succeeds", async () => {
    const first = launch(project, { env: { FIXTURE_TOOL_GROUP: "own" } });
    await untilUp(first);
    await until("its tool", toolOf);
    first.process.kill("SIGKILL");
    await nothingLeft(5_000);
    expect(journalOf(project).filter(({ told }) => told === "/internal/close-public")).toEqual([]);

    const second = launch(project);
    await untilUp(second);
    await until("the report about the runner of before", () =>
      journalOf(project).some(({ told }) => told === "/internal/runners/gone"),
    );
  });

  it("leaves a frozen child to the next one, which ends it first", async () => {
    const first = launch(project);
    await untilUp(first);
    const runner = await until("the runner", () => pidOf(project, "runner"));
    process.kill(runner, "SIGSTOP");
    first.process.kill("SIGKILL");
    await first.exit;
    const second = launch(project);
    await untilUp(second);
    expect(second.output()).toContain("Ended what an earlier launcher left behind: ");
    expect(processesOf(project).filter((line) => line.startsWith(`${runner} `))).toEqual([]);
  });
});

describe("a stop", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "by %s closes the public port first and leaves nothing within 5 s",
    async (signal) => {
      const running = launch(project);
      await untilUp(running);
      const started = performance.now();
      running.process.kill(signal);
      // A terminal's Ctrl-C arrives twice: once directly and once handed on by npm.
      running.process.kill(signal);
      expect(await running.exit).toEqual({ code: 0, signal: null });
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(processesOf(project)).toEqual([]);
      expect(journalOf(project)).toEqual([{ told: "/internal/close-public", body: "{}" }, { stop: "stop" }]);
      expect(existsSync(join(project.data, "lock.json"))).toBe(false);
    },
  );

  it("does not wait for a child that ignores it", async () => {
    cleanUp(project);
    project = makeProject({ api: "api.ts", runner: "stubborn.ts" });
    const running = launch(project);
    await untilUp(running);
    await until("the runner to ignore signals", () => logOf("runner").includes("deaf"));
    const started = performance.now();
    running.process.kill("SIGINT");
    expect((await running.exit).code).toBe(0);
    const tookMs = performance.now() - started;
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(5_000);
    expect(processesOf(project)).toEqual([]);
  });

  it("asked for a second time is immediate", async () => {
    cleanUp(project);
    project = makeProject({ api: "api.ts", runner: "stubborn.ts" });
    const running = launch(project);
    await untilUp(running);
    await until("the runner to ignore signals", () => logOf("runner").includes("deaf"));
    const started = performance.now();
    running.process.kill("SIGINT");
    await until("the first signal to be old", () => performance.now() - started > 600);
    running.process.kill("SIGINT");
    expect((await running.exit).code).toBe(0);
    expect(performance.now() - started).toBeLessThan(1_900);
    expect(processesOf(project)).toEqual([]);
  });

  it("that only npm is told of leaves nothing either", async () => {
    const running = launch(project, { command: ["npm", "start"] });
    await untilUp(running);
    running.process.kill("SIGTERM");
    await running.exit;
    await nothingLeft(5_000);
    expect(journalOf(project)).toContainEqual({ stop: "stop" });
  });

  it("follows when npm is killed", async () => {
    const running = launch(project, { command: ["npm", "start"] });
    await untilUp(running);
    running.process.kill("SIGKILL");
    await nothingLeft(6_000);
    expect(journalOf(project)).toContainEqual({ stop: "stop" });
  });
});
