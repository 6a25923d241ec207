import { afterEach, beforeEach, expect, test } from "vitest";
import { membershipsOf, tellRenamed } from "./memberships.ts";
import { TestApp, type TestPerson } from "./test-app.ts";

let app: TestApp;
let ana: TestPerson;
let ben: TestPerson;
let company: string;

beforeEach(async () => {
  app = await TestApp.open();
  ana = await app.person("Ana");
  company = await ana.makeCompany("Nordlys");
  ben = await ana.invite("Ben", company, "admin");
});
afterEach(() => app.close());

const pathOf = () => `/api/companies/${company}/members/${ben.id}`;
const rename = async () => {
  const places = await membershipsOf(app.services.read, ben.id);
  return () => app.services.write((context) => tellRenamed(context, { id: ben.id, name: "Benedict" }, places));
};

test("a new name is told with the role and rights of the moment", async () => {
  expect((await ben.call("PATCH", "/api/me", { body: { name: "Benedict" } })).status).toBe(200);
  expect((await app.told(company)).at(-1)).toMatchObject({
    kind: "member",
    member: { id: ben.id, name: "Benedict", role: "admin", rights: 1 },
  });
});

test("a new name that was read beside an older role is refused: it would carry the role back", async () => {
  const write = await rename();
  expect((await ana.call("PATCH", pathOf(), { body: { role: "viewer" } })).status).toBe(200);
  await expect(write()).rejects.toMatchObject({ code: "memberships_changed" });
});

test("a new name does not bring a person back who was taken out", async () => {
  const write = await rename();
  expect((await ana.call("DELETE", pathOf())).status).toBe(204);
  await expect(write()).rejects.toMatchObject({ code: "memberships_changed" });
});

test("a new name and a new role at once both take effect, and no older rights are told after newer ones", async () => {
  for (const [i, role] of (["viewer", "member", "operator", "viewer", "admin"] as const).entries()) {
    const both = await Promise.all([
      ben.call("PATCH", "/api/me", { body: { name: `Ben ${i}` } }),
      ana.call("PATCH", pathOf(), { body: { role } }),
    ]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
  }
  const rights = (await app.told(company)).flatMap((change) =>
    change.kind === "member" && change.member.id === ben.id ? [change.member.rights] : [],
  );
  expect(rights).toEqual(rights.toSorted((a, b) => a - b));
});
