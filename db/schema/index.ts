/** Every table, for drizzle. */
export * from "./activity.ts";
export * from "./agents.ts";
export * from "./companies.ts";
export * from "./consent.ts";
export * from "./conversations.ts";
export * from "./files.ts";
export * from "./mail.ts";
export * from "./notify.ts";
export * from "./ops.ts";
export * from "./people.ts";
export * from "./providers.ts";
export * from "./rooms.ts";
export * from "./runners.ts";
export * from "./runs.ts";
export * from "./search.ts";
