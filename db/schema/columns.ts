/**
 * Columns that every table spells the same way.
 *
 * Ids are prefixed ULIDs (party/protocol/ids.ts). Times are ISO 8601 UTC with milliseconds, exactly as `Date.toISOString`
 * writes them: one form in the database, on the wire and in a shell, and text order is time order.
 */
import { integer, text } from "drizzle-orm/sqlite-core";

/** An ISO 8601 UTC time. */
export const time = (name: string) => text(name);

export const flag = (name: string) => integer(name, { mode: "boolean" });
