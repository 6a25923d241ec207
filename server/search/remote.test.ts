/**
 * The same database on a libSQL server. It runs where one is named: `SQLD_URL=http://127.0.0.1:8080 npx vitest run server/search/remote`,
 * against an empty database that may be filled.
 */
import { describe, expect, test } from "vitest";
import { verifyChain } from "../../db/audit.ts";
import { openDatabase } from "../../db/client.ts";
import { WriteRefused } from "../../db/errors.ts";
import { migrate, readMigrations } from "../../db/migrate.ts";
import { companies } from "../../db/schema/index.ts";
import { SEARCH_KINDS } from "../../db/schema/search.ts";
import { MIGRATIONS } from "../../db/test-database.ts";
import { orRefuse, WriteQueue } from "../../db/write-queue.ts";
import { writeDoc } from "./documents.ts";
import { matchExpression, search } from "./query.ts";

const url = process.env.SQLD_URL;
const by = { id: "u_1", name: "Ana", kind: "person" as const };

describe.runIf(url)("a libSQL server", () => {
  test("takes the migrations, whole units, guards, the audit chain and the search", async () => {
    const database = await openDatabase("", { url: url ?? "" });
    const migrations = readMigrations(MIGRATIONS);
    expect((await migrate(database, migrations, new Date())).copy).toBeUndefined();
    expect((await migrate(database, migrations, new Date())).applied).toEqual([]);

    const queue = new WriteQueue(database.writer, { generation: 1, clock: Date, onOutbox: () => {} });
    const company = `co_${Date.now()}`;
    const found = {
      sql: "INSERT INTO companies (id, name, prefix, created_by, created_at) VALUES (?, 'Norden', 'NOR', 'u_1', ?)",
      args: [company, new Date().toISOString()],
    };
    const entry = { chain: company, actor: by, action: "company.created", subject: { kind: "company", id: company }, data: {} };
    const at = new Date().toISOString();
    const doc = {
      key: `message:${company}`,
      company,
      kind: "message" as const,
      ref: "msg_1",
      byName: "Ana",
      at,
      body: "The old fern",
    };
    const good = queue.write((context) => [found, context.activity(entry), writeDoc(doc)], { chains: [company] });
    // In the same commit: what is refused leaves no trace and holds up nobody.
    const refused = queue.write(
      (context) => [
        { sql: "UPDATE companies SET name = 'x' WHERE id = 'nobody'" },
        orRefuse("stale"),
        context.activity({ ...entry, action: "never" }),
      ],
      { chains: [company] },
    );
    await expect(refused).rejects.toEqual(new WriteRefused("stale"));
    await good;

    expect(await database.db.select().from(companies)).toContainEqual(expect.objectContaining({ id: company, name: "Norden" }));
    expect(await verifyChain(database.read, company)).toEqual({ ok: true, entries: 1 });
    const match = matchExpression("fer") ?? "";
    expect(await search(database.read, { company, user: "u_1" }, match, { kinds: SEARCH_KINDS }, 5)).toMatchObject([
      { ref: "msg_1" },
    ]);
    await queue.close();
    database.close();
  });
});
