/** Writes until it is killed, and prints each number whose write was acknowledged. Run by crash.test.ts. */
import { openDatabase } from "./client.ts";
import { WriteQueue } from "./write-queue.ts";

const [folder, from] = process.argv.slice(2);
if (!folder) throw new Error("usage: crash-child.ts <folder> <first number>");

const database = await openDatabase(folder);
const queue = new WriteQueue(database.writer, { generation: 1, clock: Date, onOutbox: () => {} });
const actor = { id: "u_1", name: "Ana", kind: "person" } as const;
/** writes under way at once, so that a kill finds groups half done */
const LANES = 8;

let next = Number(from);
async function lane(): Promise<never> {
  for (;;) {
    const key = String(next++);
    await queue.write(
      ({ activity, toRoom }) => [
        { sql: "INSERT INTO instance (key, value) VALUES (?, 'x')", args: [key] },
        activity({ chain: "co_1", actor, action: "written", subject: { kind: "number", id: key } }),
        toRoom("company", "co_1", { kind: "activity", by: actor, text: key }),
      ],
      { chains: ["co_1"] },
    );
    process.stdout.write(`${key}\n`);
  }
}
await Promise.all(Array.from({ length: LANES }, lane));
