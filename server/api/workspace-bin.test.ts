import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TestApp, type TestPerson } from "./test-app.ts";

let app: TestApp;
let ana: TestPerson;

beforeEach(async () => {
  app = await TestApp.open();
  ana = await app.person("Ana");
});
afterEach(() => app.close());

const folderOf = (company: string) => join(app.folder, "workspaces", company);

/** A company whose agent has written a file. */
async function companyWithFiles(name: string): Promise<string> {
  const company = await ana.makeCompany(name);
  mkdirSync(join(folderOf(company), "ag_1/notes"), { recursive: true });
  writeFileSync(join(folderOf(company), "ag_1/notes/plan.md"), "the plan");
  return company;
}

test("the files of a deleted company are out of reach at once, and removed later; nothing else is", async () => {
  const [gone, stays] = [await companyWithFiles("Gone"), await companyWithFiles("Stays")];
  const outside = join(app.folder, "outside.txt");
  writeFileSync(outside, "not theirs");
  symlinkSync(outside, join(folderOf(gone), "ag_1/link"));
  symlinkSync(folderOf(stays), join(folderOf(gone), "ag_1/folder"));
  expect((await ana.call("DELETE", `/api/companies/${gone}`)).status).toBe(204);
  expect(existsSync(folderOf(gone))).toBe(false);
  await app.services.bin.empty();
  expect(existsSync(join(folderOf(".deleted"), gone))).toBe(false);
  expect(readFileSync(outside, "utf8")).toBe("not theirs");
  expect(readFileSync(join(folderOf(stays), "ag_1/notes/plan.md"), "utf8")).toBe("the plan");
});

test("a company that never ran anything is deleted all the same", async () => {
  const company = await ana.makeCompany("Quiet");
  expect((await ana.call("DELETE", `/api/companies/${company}`)).status).toBe(204);
  await app.services.bin.empty();
  expect(existsSync(join(app.folder, "workspaces"))).toBe(false);
});
