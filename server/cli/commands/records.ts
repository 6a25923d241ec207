/** `audit verify` and `migrate`. */
import { INSTANCE_CHAIN, verifyChain } from "../../../db/audit.ts";
import { readArguments } from "../arguments.ts";
import { EXIT, type Run } from "../command.ts";
import { existingInstance } from "../place.ts";
import { openRecords, reach, withRecords } from "../reach.ts";

/** No arguments. Reads beside a running instance. */
export const verifyAudit: Run = async (args, terminal) => {
  readArguments(args, {}, { least: 0, most: 0 });
  const { read: client, close } = await openRecords(existingInstance(terminal));
  try {
    const { rows } = await client.execute(
      "SELECT a.chain, max(c.name) AS name FROM activity a LEFT JOIN companies c ON c.id = a.chain GROUP BY a.chain ORDER BY a.chain",
    );
    let broken = 0;
    for (const row of rows) {
      const chain = String(row.chain);
      const check = await verifyChain(client, chain);
      const name = chain === INSTANCE_CHAIN ? "the instance" : `${row.name ?? "a deleted company"} (${chain})`;
      if (check.ok) terminal.say(`${name}: ${check.entries} entries, whole`);
      else {
        broken += 1;
        terminal.say(`${name}: BROKEN at entry ${check.at}: ${check.why}`);
      }
    }
    return broken === 0 ? EXIT.done : EXIT.problem;
  } finally {
    close();
  }
};

/** No arguments. A start does the same; this is for looking at the outcome first. */
export const migrateRecords: Run = async (args, terminal) => {
  readArguments(args, {}, { least: 0, most: 0 });
  const settings = existingInstance(terminal);
  const reached = reach(settings, "bringing the database up to date");
  if (reached.kind === "running") {
    terminal.say("Atrium runs: its database was brought up to date when it started.");
    return EXIT.done;
  }
  try {
    const { applied, copy } = await withRecords(settings, async (_records, migrated) => migrated);
    if (applied.length === 0) terminal.say("The database is up to date.");
    else terminal.say(`Applied ${applied.join(", ")}.${copy === undefined ? "" : ` The database before it is in ${copy}.`}`);
    return EXIT.done;
  } finally {
    reached.lock.release();
  }
};
