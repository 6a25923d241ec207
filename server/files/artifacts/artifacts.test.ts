import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { text } from "../../api/test-app.ts";
import { FileApp } from "../testing/file-app.ts";
import { artifactOrigin } from "./origin.ts";

describe("where artifacts run", () => {
  const nothing = { publicUrl: undefined, artifactsUrl: undefined };
  test.each([
    ["127.0.0.1:3000", "http://localhost:3000", true],
    ["localhost:3000", "http://127.0.0.1:3000", true],
    ["[::1]:3000", "http://localhost:3000", true],
    ["192.168.0.7:3000", "http://192.168.0.7:3000", false],
    ["atrium.example", "http://atrium.example", false],
  ])("opened as %s: %s", (host, origin, apart) => {
    expect(artifactOrigin(nothing, host)).toEqual({ origin, apart });
  });

  test("the operator's second address counts everywhere", () => {
    const settings = { publicUrl: "https://a.example", artifactsUrl: "https://b.example" };
    expect(artifactOrigin(settings, "a.example")).toEqual({ origin: "https://b.example", apart: true });
  });

  test("a crooked Host runs nothing anywhere", () => {
    expect(artifactOrigin(nothing, "a; script-src *")).toBeUndefined();
  });
});

describe("an artifact", () => {
  let app: FileApp;
  let now: number;

  beforeEach(async () => {
    now = Date.now();
    app = await FileApp.open({ clock: { now: () => now } });
  });
  afterEach(() => app.close());

  /** The frame of a file, as a person's page learns of it. */
  async function frameOf(file: string): Promise<URL> {
    const { body } = await app.ana.call("GET", `${app.files}/${file}/artifact`);
    return new URL(text(body, "url"), "http://127.0.0.1:3000");
  }

  /** What the frame gets under a host. */
  const look = ({ pathname }: URL, host: string) => app.app.call("GET", pathname, { headers: { host } });

  test("is shown under the other name of this machine, and under no other", async () => {
    const url = await frameOf(await app.upload("page.html", "<script>parent.document</script>"));
    expect(url.host).toBe("localhost:3000");
    expect((await look(url, "localhost:3000")).text).toBe("<script>parent.document</script>");
    for (const host of ["127.0.0.1:3000", "localhost:3001", "evil.example"]) {
      expect([host, (await look(url, host)).status]).toEqual([host, 410]);
    }
  });

  test("runs without the app's origin, without network, and in the app's frame only", async () => {
    const url = await frameOf(await app.upload("page.html", "<p>Hi</p>"));
    const { headers } = await look(url, "localhost:3000");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("sandbox allow-scripts;");
    expect(policy).not.toContain("allow-same-origin");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("connect-src");
    expect(policy).toContain("frame-ancestors 127.0.0.1:3000");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBeNull();
    expect(headers.get("set-cookie")).toBeNull();
  });

  test("expires, and is gone with its file", async () => {
    const file = await app.upload("page.html", "<p>Hi</p>");
    const url = await frameOf(file);
    now += 10 * 60_000;
    expect((await look(url, "localhost:3000")).status).toBe(410);
    const fresh = await frameOf(file);
    expect((await look(fresh, "localhost:3000")).status).toBe(200);
    await app.ana.call("DELETE", `${app.files}/${file}`);
    expect((await look(fresh, "localhost:3000")).status).toBe(410);
  });

  test("a token that somebody changed shows nothing", async () => {
    const url = await frameOf(await app.upload("page.html", "<p>Hi</p>"));
    const at = "/artifacts/".length + 20;
    const other = url.pathname[at] === "A" ? "B" : "A";
    url.pathname = url.pathname.slice(0, at) + other + url.pathname.slice(at + 1);
    expect((await look(url, "localhost:3000")).status).toBe(410);
  });

  test("a diagram's source cannot leave its element, and only our script draws it", async () => {
    const url = await frameOf(await app.upload("plan.mmd", "graph TD;</pre><script>alert(1)</script>"));
    const { text: page, headers } = await look(url, "localhost:3000");
    expect(page).toContain("graph TD;&lt;/pre&gt;&lt;script&gt;");
    expect(headers.get("content-security-policy")).toContain("script-src http://localhost:3000/artifacts/lib/mermaid.js;");
  });

  test("other files have no frame", async () => {
    const file = await app.upload("notes.txt", "<script>alert(1)</script>");
    expect((await app.ana.call("GET", `${app.files}/${file}/artifact`)).status).toBe(422);
  });

  test("the app's pages may frame that origin and nothing else", async () => {
    const { headers } = await app.app.call("GET", "/api/me");
    expect(headers.get("content-security-policy")).toContain("frame-src http://localhost:3000;");
  });
});

test("under a name that was set apart there is nothing but artifacts", async () => {
  const app = await FileApp.open({ env: { ATRIUM_ARTIFACTS_URL: "http://artifacts.example:3000" } });
  const at = (host: string, path: string) => app.app.call("GET", path, { headers: { host } });
  expect((await at("127.0.0.1:3000", "/api/openapi.json")).status).toBe(200);
  for (const path of ["/", "/sign-in", "/api/me", "/api/openapi.json"])
    expect([path, (await at("artifacts.example:3000", path)).status]).toEqual([path, 404]);
  const file = await app.upload("page.html", "<p>Hi</p>");
  const { body } = await app.ana.call("GET", `${app.files}/${file}/artifact`);
  const url = new URL(text(body, "url"));
  expect((await at(url.host, url.pathname)).text).toBe("<p>Hi</p>");
  await app.close();
});

test("an SVG with a script is saved, never shown in the app's origin", async () => {
  const app = await FileApp.open();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
  for (const name of ["logo.svg", "logo.png", "logo.txt"]) {
    const file = await app.upload(name, svg);
    const shown = await app.fetch(`${app.files}/${file}/content?inline=1`);
    const policy = shown.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^sandbox; default-src 'none'/);
    expect(shown.headers.get("x-content-type-options")).toBe("nosniff");
    const type = shown.headers.get("content-type") ?? "";
    if (type.startsWith("text/plain")) continue; // shown as its source
    expect([name, shown.headers.get("content-disposition")]).toEqual([name, expect.stringMatching(/^attachment/)]);
  }
  await app.close();
});
