/** What a person has put off: it is theirs alone, so it is a record and not a fact of the company's room. */
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { time } from "./columns.ts";
import { companies } from "./companies.ts";
import { users } from "./people.ts";

export const needsLater = sqliteTable(
  "needs_later",
  {
    person: text("person")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    /** what waits: an approval, a question, a failed run, or a paused agent */
    need: text("need").notNull(),
    /** when it comes back */
    until: time("until").notNull(),
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.person, table.company, table.need] }), index("needs_later_company").on(table.company)],
);
