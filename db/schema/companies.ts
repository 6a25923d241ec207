/** Companies, who belongs to them, and who is asked to. */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { ROLES } from "../../party/protocol/roles.ts";
import { flag, time } from "./columns.ts";
import { users } from "./people.ts";

export const companies = sqliteTable("companies", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** in front of the numbers of its things, `NOR-12` */
  prefix: text("prefix").notNull(),
  fourEyes: flag("four_eyes").notNull().default(false),
  /** grows with each change; an update names the one it saw */
  version: integer("version").notNull().default(1),
  createdBy: text("created_by").notNull(),
  createdAt: time("created_at").notNull(),
});

export const members = sqliteTable(
  "members",
  {
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    user: text("user")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: ROLES }).notNull(),
    /** grows with each change of rights, also over a removal and a return: rooms keep the newest */
    rights: integer("rights").notNull().default(1),
    createdAt: time("created_at").notNull(),
    /** set when the person was taken out; the row stays for `rights` */
    removedAt: time("removed_at"),
  },
  (table) => [primaryKey({ columns: [table.company, table.user] }), index("members_user").on(table.user)],
);

export const invites = sqliteTable(
  "invites",
  {
    id: text("id").primaryKey(),
    company: text("company")
      .notNull()
      .references(() => companies.id, { onDelete: "cascade" }),
    role: text("role", { enum: ROLES }).notNull(),
    /** when set, only this address may use it */
    email: text("email"),
    /** SHA-256 of the token in the link, hex */
    tokenHash: text("token_hash").notNull().unique(),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    expiresAt: time("expires_at").notNull(),
    acceptedAt: time("accepted_at"),
    acceptedBy: text("accepted_by"),
  },
  (table) => [index("invites_company").on(table.company)],
);
