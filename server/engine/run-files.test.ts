import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifyRequest } from "../../party/protocol/sign.ts";
import { localHome } from "./home.ts";
import type { Clock } from "./loop/clock.ts";
import { RunFiles } from "./run-files.ts";
import { portOf, SECRET } from "./testing/room-server.ts";

let server: Server;
let folder: string;
let workspace: string;
let contents: Map<string, string>;
let asked: string[];
let failing: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "atrium-run-files-"));
  workspace = join(folder, "workspace");
  await mkdir(workspace);
  contents = new Map([["fi_1", "first"]]);
  asked = [];
  failing = 0;
  server = createServer((request, response) => {
    const header = (name: string) => {
      const value = request.headers[name];
      return typeof value === "string" ? value : undefined;
    };
    const isSigned = verifyRequest(SECRET, "GET", request.url ?? "", "", header, Date.now());
    asked.push(request.url ?? "");
    const found = contents.get(decodeURIComponent((request.url ?? "").split("/").at(-1) ?? ""));
    if (failing-- > 0) response.writeHead(503).end();
    else if (!isSigned || header("authorization") !== "Bearer token" || found === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const clock: Clock = { now: () => 0, wall: () => 0, sleep: async () => {} };
const filesOf = () =>
  new RunFiles({
    home: localHome(`http://127.0.0.1:${portOf(server.address())}`, SECRET),
    token: "token",
    workspace,
    cache: join(folder, "cache"),
    clock,
    lost: new AbortController().signal,
  });
const attached = (file: string, name: string) => ({ file, name, mime: "text/plain", bytes: 5 });
const inbox = (name: string) => readFile(join(workspace, "inbox", name), "utf8");

describe("files that came with a run", () => {
  it("are put into the inbox under their names", async () => {
    expect(await filesOf().place(attached("fi_1", "plan.txt"))).toBe("inbox/plan.txt");
    expect(await inbox("plan.txt")).toBe("first");
    expect(await readdir(join(workspace, "inbox"))).toEqual(["plan.txt"]);
  });

  it("are found where they lie already, by an attempt that goes on", async () => {
    await filesOf().place(attached("fi_1", "plan.txt"));
    expect(await filesOf().place(attached("fi_1", "plan.txt"))).toBe("inbox/plan.txt");
    expect(await readdir(join(workspace, "inbox"))).toEqual(["plan.txt"]);
  });

  it("of one name lie beside each other, and overwrite nothing", async () => {
    contents.set("fi_2", "second");
    const files = filesOf();
    await files.place(attached("fi_1", "image.png"));
    expect(await files.place(attached("fi_2", "image.png"))).toBe("inbox/image-2.png");
    expect([await inbox("image.png"), await inbox("image-2.png")]).toEqual(["first", "second"]);
  });

  it.each(["../../etc/passwd", "/etc/passwd", "..", "a\u202Egnp.exe\n"])(
    "stay in the inbox whatever they are called: %j",
    async (name) => {
      const path = await filesOf().place(attached("fi_1", name));
      expect(path).toMatch(/^inbox\/[^/\n\u202e]+$/);
      expect((await lstat(join(workspace, path))).isFile()).toBe(true);
    },
  );

  it("do not follow a link that an agent made", async () => {
    await mkdir(join(workspace, "inbox"));
    await writeFile(join(folder, "outside"), "first");
    await symlink(join(folder, "outside"), join(workspace, "inbox", "plan.txt"));
    expect(await filesOf().place(attached("fi_1", "plan.txt"))).toBe("inbox/plan-2.txt");
    expect(await readFile(join(folder, "outside"), "utf8")).toBe("first");
  });

  it("are not put into an inbox that leads out of the workspace", async () => {
    await symlink(folder, join(workspace, "inbox"));
    await expect(filesOf().place(attached("fi_1", "plan.txt"))).rejects.toThrow();
    expect(await readdir(folder)).toEqual(["workspace"]);
  });

  it("are asked for again while the api is away, and not when they are not there", async () => {
    failing = 2;
    expect(await filesOf().place(attached("fi_1", "plan.txt"))).toBe("inbox/plan.txt");
    expect(asked).toHaveLength(3);
    await expect(filesOf().place(attached("fi_gone", "gone.txt"))).rejects.toThrow("404");
    expect(asked).toHaveLength(4);
    expect(await readdir(join(workspace, "inbox"))).toEqual(["plan.txt"]);
  });

  it("are fetched once to be shown at every turn, and leave nothing behind", async () => {
    const files = filesOf();
    for (let turn = 0; turn < 3; turn++) expect(Buffer.from(await files.load("fi_1")).toString()).toBe("first");
    expect(asked).toHaveLength(1);
    await files.close();
    expect(await readdir(folder)).toEqual(["workspace"]);
    await expect(files.load("fi_gone")).rejects.toThrow("404");
  });
});
