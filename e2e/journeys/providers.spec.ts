import { createServer } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { startFakeAnthropic } from "../fakes/models/anthropic.ts";
import { startFakeOpenAI } from "../fakes/models/openai.ts";
import type { FakeModelServer } from "../fakes/models/server.ts";
import type { ApiClient } from "../harness/api-client.ts";
import { PHONE, type Seat } from "./support/seat.ts";
import { test as base, expect } from "./support/test.ts";

const KEY = "sk-ant-api03-the-right-key-7QwX";
const WRONG = "sk-ant-api03-a-mistyped-key-0ZzZ";

const test = base.extend<{ anthropic: FakeModelServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures a function asks for from this pattern
  anthropic: async ({}, use) => {
    const fake = await startFakeAnthropic({ key: KEY });
    await use(fake);
    await fake.close();
  },
});

/** Where LM Studio, vLLM, llama.cpp and Ollama listen. */
const LOCAL_PORTS = [1234, 8000, 8080, 11_434];

/** The first of these ports that nothing listens on. */
async function freePort(ports: readonly number[]): Promise<number | undefined> {
  for (const port of ports) {
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  return undefined;
}

const field = ({ page }: Seat, name: string) => page.getByRole("textbox", { name, exact: true });

/** Pastes a key for the protocol's fake and adds it. */
async function paste(seat: Seat, key: string, address: string): Promise<void> {
  await field(seat, "Key").fill(key);
  await expect(seat.page.getByText("A key of Anthropic.")).toBeVisible();
  await seat.page.getByText("Own address").click();
  await field(seat, "Address").fill(address);
  await seat.button("Add and test").click();
}

/** Adds the fake as a provider that works. */
async function addProvider(ana: ApiClient, company: string, baseUrl: string): Promise<void> {
  const providers = `/api/companies/${company}/providers`;
  const added = await ana.raw("POST", providers, { kind: "anthropic", name: "House", baseUrl, key: KEY });
  const { id } = Object(JSON.parse(added.text));
  expect((await ana.raw("POST", `${providers}/${id}/test`)).text).toContain('"ok":true');
}

async function keepsNobodyOut({ page }: Seat): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id)).toEqual([]);
  }
}

test("a wrong key says so without showing itself; the right one shows models, and Guide stops rehearsing", async ({
  office,
  sit,
  anthropic,
}) => {
  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}`);
  await ana.page.getByRole("link", { name: "Add a key" }).click();
  await expect(ana.page.getByRole("heading", { name: "No provider yet" })).toBeVisible();
  await keepsNobodyOut(ana);

  await paste(ana, `export ANTHROPIC_API_KEY="${WRONG}"`, anthropic.url);
  await expect(ana.page.getByText("The provider does not know this key.")).toBeVisible();
  expect(await ana.page.content()).not.toContain(WRONG);

  await ana.button("Paste another key").click();
  await field(ana, "New key").fill(`  ${KEY}\n`);
  await ana.button("Save and test").click();
  await expect(ana.page.getByText("Works: 3 models.")).toBeVisible();
  await ana.button("Test").click();
  await expect(ana.page.getByText("Works: 3 models.")).toBeVisible();
  await expect(ana.page.locator("code", { hasText: "claude-sonnet-5" })).toBeVisible();
  await keepsNobodyOut(ana);
  expect(await ana.page.content()).not.toContain(KEY);

  await ana.button("Switch Guide to Balanced").click();
  await expect(ana.page.getByText("Still rehearsing")).toBeHidden();
  await expect(ana.page.getByText(/used by Guide/)).toBeVisible();

  await ana.open(office);
  await ana.say("@say The fake itself has said this.");
  await expect(ana.written("The fake itself has said this.")).toBeVisible();
  await expect(ana.ended("Finished")).toBeVisible();
  const [turn] = anthropic.turns();
  expect(turn?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(turn?.body.model).toBe("claude-sonnet-5");
});

test("who is no admin reads that agents rehearse and whom to ask, and sees no key's end as a viewer", async ({
  office,
  sit,
  anthropic,
}) => {
  const bo = await sit(office.bo, PHONE);
  await bo.page.goto(`/c/${office.company}`);
  await expect(bo.page.getByText("Ask an admin to add one.")).toBeVisible();
  await expect(bo.page.getByRole("link", { name: "Add a key" })).toBeHidden();

  await addProvider(office.ana, office.company, anthropic.url);
  await bo.page.goto(`/c/${office.company}/settings/models`);
  await expect(bo.page.getByText("Works: 3 models.")).toBeVisible();
  await expect(bo.page.getByText("…7QwX")).toBeVisible();
  await expect(bo.button("Test")).toBeHidden();
  await expect(bo.button("Add and test")).toBeHidden();
  await keepsNobodyOut(bo);
  const member = `/api/companies/${office.company}/members/${office.bo.person}`;
  expect((await office.ana.raw("PATCH", member, { role: "viewer" })).status).toBe(200);
  await bo.page.reload();
  await expect(bo.page.getByText("Works: 3 models.")).toBeVisible();
  await expect(bo.page.getByText("7QwX")).toBeHidden();
  await bo.page.goto(`/c/${office.company}`);
  await expect(bo.page.getByRole("heading", { name: "Agents" })).toBeVisible();
  await expect(bo.page.getByText("Agents rehearse until")).toBeHidden();
});

test("garbage in the form is said at its field, and what was typed stays", async ({ office, sit }) => {
  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}/settings/models`);
  await field(ana, "Key").fill("sk-ant-••••••••");
  await expect(ana.page.getByText("This does not look like a key")).toBeVisible();
  await ana.button("Add and test").click();
  await expect(ana.page.getByRole("alert").filter({ hasText: "characters that no key has" })).toBeVisible();
  await field(ana, "Key").fill(KEY);
  await ana.page.getByText("Own address").click();
  await field(ana, "Address").fill("gopher://models");
  await ana.button("Add and test").click();
  await expect(ana.page.getByRole("alert").filter({ hasText: "Only addresses with http:// or https://" })).toBeVisible();
  await expect(field(ana, "Address")).toHaveValue("gopher://models");
  await field(ana, "Address").fill("http://127.0.0.1:9");
  await ana.button("Add and test").click();
  await expect(ana.page.getByText("Nothing answers at this address.")).toBeVisible();
});

test("removing a provider says who used it; its agents rehearse again", async ({ office, sit, anthropic }) => {
  await addProvider(office.ana, office.company, anthropic.url);
  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}/settings/models`);
  await ana.button("Switch Guide to Balanced").click();
  await expect(ana.page.getByText(/used by Guide/)).toBeVisible();
  await ana.button("More about House").click();
  await ana.page.getByRole("menuitem", { name: "Remove" }).click();
  await expect(ana.page.getByRole("dialog")).toContainText("1 agent uses it: Guide");
  await ana.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(ana.page.getByText("Guide now has the rehearsal model.")).toBeVisible();
  await expect(ana.page.getByRole("heading", { name: "No provider yet" })).toBeVisible();
});

test("a server of local models on this machine is found, and added by one press without a key", async ({ office, sit }) => {
  const port = await freePort(LOCAL_PORTS);
  if (port === undefined) throw new Error("all the usual ports of local models are taken on this machine");
  const local = await startFakeOpenAI({ port, models: ["house-8b"] });
  const ana = await sit(office.ana);
  await ana.page.goto(`/c/${office.company}/settings/models`);
  const offer = ana.page.getByRole("listitem").filter({ hasText: "house-8b" });
  await offer.getByRole("button", { name: /^Add / }).click();
  await expect(ana.page.getByText("Works: 1 model.")).toBeVisible();
  await expect(ana.page.getByText(/context unknown, price unknown/).first()).toBeVisible();
  expect(local.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  await local.close();
});

test("an agent's settings: the model with its price, a colleague who saved first, a pause, the end", async ({
  office,
  sit,
  anthropic,
}) => {
  await addProvider(office.ana, office.company, anthropic.url);
  const ana = await sit(office.ana);
  await ana.open(office);
  await ana.page.getByRole("link", { name: "Settings of Guide" }).click();
  const model = ana.page.getByRole("combobox", { name: "Model" });
  await model.selectOption("strong");
  await expect(ana.page.getByText(/Now claude-opus-4-8: .* tokens, \$.* per million tokens/)).toBeVisible();
  await keepsNobodyOut(ana);

  const agent = `/api/companies/${office.company}/agents/${office.agent}`;
  const admin = await office.ana.raw("PATCH", `/api/companies/${office.company}/members/${office.bo.person}`, { role: "admin" });
  expect(admin.status).toBe(200);
  expect((await office.bo.raw("PATCH", agent, { version: 1, title: "Changed by Bo" })).status).toBe(200);
  await field(ana, "Name").fill("Pathfinder");
  await ana.button("Save").click();
  await expect(ana.page.getByText("Bo changed this agent meanwhile.")).toBeVisible();
  await expect(field(ana, "Name")).toHaveValue("Pathfinder");
  await ana.button("Save mine over it").click();
  await expect(ana.page.getByText("Pathfinder is saved.")).toBeVisible();
  // Only what Ana changed was written: Bo's title stays.
  await expect(field(ana, "Title")).toHaveValue("Changed by Bo");
  await expect(model).toHaveValue("strong");

  await ana.button("Pause").click();
  await expect(ana.page.getByText("Paused: it starts no new run.")).toBeVisible();
  await ana.button("Resume").click();
  await expect(ana.page.getByText("Takes work.")).toBeVisible();
  await ana.button("Retire").click();
  await ana.button("Retire Pathfinder").click();
  await expect(ana.page.getByText("Pathfinder is retired.")).toBeVisible();
  await ana.page.goto(`/c/${office.company}/agents/${office.agent}/settings`);
  await expect(ana.page.getByRole("heading", { name: "Pathfinder is retired" })).toBeVisible();
});
