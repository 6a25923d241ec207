import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENROLMENT_MS } from "../runners/enrolment.ts";
import { GATEWAY, RUNNER_KEY_HEADER } from "./live/runners/gateway.ts";
import { TestApp, type TestPerson, text } from "./test-app.ts";

let app: TestApp;
let owner: TestPerson;
let now = Date.now();

beforeAll(async () => {
  app = await TestApp.open({ clock: { now: () => now } });
  owner = await app.person("Ana");
});
afterAll(() => app.close());

const invite = async (): Promise<string> => text((await owner.call("POST", "/api/instance/runners")).body, "token");
const enrol = (token: string) => app.call("POST", "/api/runners/enrol", { body: { token, name: "basement" } });
const knock = (key: string | undefined, method = "POST", path = "/internal/models/access") =>
  app.call(method, `${GATEWAY}${path}`, {
    body: method === "GET" ? undefined : { run: "run_1", token: "x" },
    headers: key === undefined ? {} : { [RUNNER_KEY_HEADER]: key },
  });

describe("a machine that carries out runs elsewhere", () => {
  test("is let in by a token that is good once, and shows in the owner's list", async () => {
    const answer = await owner.call("POST", "/api/instance/runners");
    expect(answer).toMatchObject({
      status: 201,
      body: { command: expect.stringMatching(/^npm start -- --only runner --join http:\/\/\S+#\S+$/) },
    });
    const token = text(answer.body, "token");
    expect(await enrol(token)).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^rr_/), key: expect.stringMatching(/^atrium_runner_/) },
    });
    expect(await enrol(token)).toMatchObject({ status: 403, body: { error: { code: "unknown_token" } } });
    expect((await owner.call("GET", "/api/instance/runners")).body).toMatchObject({
      items: [{ name: "basement", lastSeenAt: null }],
    });
    const { rows } = await app.services.read.execute("SELECT * FROM remote_runners, runner_enrolments");
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test("is not let in by a token that is too old", async () => {
    const token = await invite();
    now += ENROLMENT_MS;
    expect((await enrol(token)).status).toBe(403);
  });

  test("reaches what runners ask for, and nothing else of the internal listener", async () => {
    const key = text((await enrol(await invite())).body, "key");
    // The door lets it through; the run's own token is checked behind it.
    expect(await knock(key)).toMatchObject({ status: 401, body: { error: { code: "unauthenticated" } } });
    expect((await knock(key, "GET", "/internal/files/fi_1")).status).toBe(401);
    for (const path of [
      "/internal/archive",
      "/internal/dispatch",
      "/internal/close-public",
      "/internal/runners/gone",
      "/internal/admin",
      "/api/me",
      "/internal/files/../archive",
    ]) {
      expect((await knock(key, "POST", path)).status).toBe(404);
    }
  });

  test.each([undefined, "", "x", "atrium_runner_", `atrium_runner_${"a".repeat(43)}`])(
    "is refused with the key %j",
    async (key) => {
      expect(await knock(key)).toMatchObject({ status: 401, body: { error: { code: "runner_key" } } });
    },
  );

  test("whose key was taken away is refused at once", async () => {
    const joined = await enrol(await invite());
    const [id, key] = [text(joined.body, "id"), text(joined.body, "key")];
    expect(await knock(key)).toMatchObject({ body: { error: { code: "unauthenticated" } } });
    expect((await owner.call("DELETE", `/api/instance/runners/${id}`)).status).toBe(204);
    expect(await knock(key)).toMatchObject({ status: 401, body: { error: { code: "runner_key" } } });
    expect((await owner.call("GET", "/api/instance/runners")).text).not.toContain(id);
    expect((await owner.call("DELETE", `/api/instance/runners/${id}`)).status).toBe(404);
  });

  test("is the business of the instance's owners alone", async () => {
    const company = await owner.makeCompany("Norden");
    const ben = await owner.invite("Ben", company, "admin");
    expect((await ben.call("POST", "/api/instance/runners")).status).toBe(403);
    expect((await ben.call("GET", "/api/instance/runners")).status).toBe(403);
  });
});
