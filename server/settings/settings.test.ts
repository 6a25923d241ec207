import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { settingsPage } from "./docs.ts";
import { nearestName } from "./nearest.ts";
import { readSetting } from "./read.ts";
import { readSources } from "./sources.ts";
import { SETTING_NAMES, settingOf } from "./table.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "atrium-settings-"));
  mkdirSync(join(root, "data"));
});
const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
const yaml = (text: string): void => write("data/atrium.yaml", text);
const given = (env: NodeJS.ProcessEnv = {}) => readSources(root, env).given;
const refusal = (env: NodeJS.ProcessEnv = {}): string => {
  try {
    readSources(root, env);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe("the sources of settings", () => {
  it("win in this order: environment, .env of the data folder, .env of the project, atrium.yaml, default", () => {
    yaml("port: 4001\nhost: 0.0.0.0\nlogLevel: debug\nuploadMaxMb: 10\n");
    write(".env", "PORT=4002\nHOST=127.0.0.2\nLOG_LEVEL=warn\n");
    write("data/.env", "PORT=4003\nHOST=127.0.0.3\n");
    expect(given({ PORT: "4004" })).toEqual({
      PORT: "4004",
      HOST: "127.0.0.3",
      LOG_LEVEL: "warn",
      ATRIUM_UPLOAD_MAX_MB: "10",
    });
    expect(readSetting("ATRIUM_RUNNER_SLOTS", given())).toBe(8);
  });

  it("read the data folder from the project's .env, and its files there", () => {
    mkdirSync(join(root, "elsewhere"));
    write(".env", "ATRIUM_DATA=elsewhere\n");
    write("elsewhere/atrium.yaml", "port: 4005\n");
    expect(readSources(root, {})).toMatchObject({ data: join(root, "elsewhere"), given: { PORT: "4005" } });
  });

  it("take groups, lists, yes and no, and an empty value as none", () => {
    yaml("mail:\n  url: smtp://mail.example.com:587\ntrustProxy: [10.0.0.1, 10.0.0.2]\nopenSignUp: yes\nurl:\n");
    expect(given()).toEqual({
      ATRIUM_SMTP_URL: "smtp://mail.example.com:587",
      ATRIUM_TRUST_PROXY: "10.0.0.1,10.0.0.2",
      ATRIUM_OPEN_SIGNUP: "1",
    });
    expect(given({ PORT: "" })).not.toHaveProperty("PORT");
  });

  it("say which name was meant where one is mistyped", () => {
    expect(readSources(root, { ATRIUM_SMPT_URL: "x" }).warnings).toEqual([
      "ATRIUM_SMPT_URL in the environment is not a setting of Atrium. Did you mean ATRIUM_SMTP_URL?",
    ]);
    expect(readSources(root, { ATRIUM_RUNNER_ID: "rn_1", HOME: "/" }).warnings).toEqual([]);
  });
});

describe("a mistake in atrium.yaml", () => {
  it.each([
    ["# ours\nhost: 127.0.0.1\n\nprot: 80\n", "atrium.yaml line 4: there is no setting `prot`. Did you mean `port`?"],
    ["mail:\n  adress: x\n", "atrium.yaml line 2: there is no setting `mail.adress`. docs/settings.md lists them."],
    ["port: eighty\n", 'atrium.yaml line 1: `port` is "eighty". It must be a whole number from 0 to 65535.'],
    ["port:\n  public: 80\n", "atrium.yaml line 1: `port` must be a whole number from 0 to 65535."],
    ["mail: smtp://host\n", "atrium.yaml line 1: `mail` must be a group of settings."],
    ["PORT: 80\n", "atrium.yaml line 1: `PORT` is its name in the environment. Here it is `port`."],
    [
      "metricsToken: short\n",
      "atrium.yaml line 1: `metricsToken` has another form. It must be a text of at least 16 characters.",
    ],
    ["- port\n", "atrium.yaml must hold lines like `port: 3000`."],
  ])("%j is told with its line", (text, sentence) => {
    yaml(text);
    expect(refusal()).toBe(sentence);
  });

  it("is told together with every other one", () => {
    yaml("prot: 80\nlogLevel: loud\n");
    expect(refusal({ ATRIUM_URL: "atrium.example" }).split("\n")).toHaveLength(3);
  });

  it("that is no YAML names the line too", () => {
    yaml("port: 80\nurl: [1, 2\nhost: x\n");
    expect(refusal()).toMatch(/^atrium\.yaml line \d+: /);
  });
});

it("a wrong value is repeated, a wrong secret is not", () => {
  expect(refusal({ PORT: "http" })).toBe('PORT is "http". It must be a whole number from 0 to 65535.');
  expect(refusal({ ATRIUM_METRICS_TOKEN: "hunter2" })).not.toContain("hunter2");
  write(".env", "LOG_LEVEL=loud\n");
  expect(refusal()).toMatch(/^LOG_LEVEL in .*\.env is "loud"\. It must be one of trace, /);
});

it.each([
  ["prot", "port"],
  ["hots", "host"],
  ["loglevel", "logLevel"],
  ["completely", undefined],
])("%s is close to %s", (word, meant) => {
  const keys = SETTING_NAMES.map((name) => settingOf(name).yaml).filter(Boolean);
  expect(nearestName(word, keys)).toBe(meant);
});

it("every default has the form it asks for, and every key is its own", () => {
  for (const name of SETTING_NAMES) {
    const { default: fallback, kind } = settingOf(name);
    if (fallback !== undefined) expect(kind.parse(fallback), name).toBeDefined();
  }
  const keys = SETTING_NAMES.map((name) => settingOf(name).yaml).filter(Boolean);
  expect(new Set(keys).size).toBe(keys.length);
});

it("docs/settings.md is what the table says (npm run docs:settings)", () => {
  expect(readFileSync(join(PROJECT, "docs/settings.md"), "utf8")).toBe(settingsPage());
});
