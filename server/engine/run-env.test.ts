import { expect, it } from "vitest";
import { RUN_TOKEN } from "../tools/run-token.ts";
import { runEnvironment } from "./run-env.ts";

it("sets what a run gets under both prefixes", () => {
  const env = runEnvironment({
    run: "run_1",
    agent: "ag_1",
    company: "co_1",
    token: "t",
    apiUrl: "http://127.0.0.1:3000",
    timezone: "Europe/Vienna",
  });
  const names = ["RUN_TOKEN", "RUN_ID", "AGENT_ID", "COMPANY_ID", "API_URL", "TIMEZONE"];
  expect(Object.keys(env).toSorted()).toEqual(names.flatMap((name) => [`ATRIUM_${name}`, `LIFEOSAI_${name}`]).toSorted());
  expect(env[RUN_TOKEN]).toBe("t");
  for (const name of names) expect(env[`LIFEOSAI_${name}`]).toBe(env[`ATRIUM_${name}`]);
});
