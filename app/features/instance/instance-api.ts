import { queryOptions } from "@tanstack/react-query";
import { body, client } from "../../lib/api.ts";

const { instance } = client;
const person = instance.people[":userId"];
/** The most a list gives at once. */
const LIMIT = "200";
/** ms between two looks at a page that is open */
const STATUS_EVERY_MS = 5_000;
const LOGS_EVERY_MS = 3_000;
const RUNNERS_EVERY_MS = 10_000;
/** lines of a log on the screen */
const LINES = "300";

/** What the page of the installation asks of the API. */
export const instanceApi = {
  status: () => body(instance.$get()),
  companies: () => body(instance.companies.$get({ query: { limit: LIMIT } })),
  people: (q: string, cursor: string | undefined) =>
    body(instance.people.$get({ query: { limit: LIMIT, q, ...(cursor !== undefined && { cursor }) } })),
  change: (userId: string, json: { disabled?: boolean; instanceOwner?: boolean }) =>
    body(person.$patch({ param: { userId }, json })),
  resetPassword: (userId: string) => body(person["reset-password"].$post({ param: { userId } })),
  runners: () => body(instance.runners.$get()),
  inviteRunner: () => body(instance.runners.$post()),
  revokeRunner: (remoteRunnerId: string) => instance.runners[":remoteRunnerId"].$delete({ param: { remoteRunnerId } }),
  logs: (process: string) => body(instance.logs.$get({ query: { process, lines: LINES } })),
};

type Answer<K extends keyof typeof instanceApi> = Awaited<ReturnType<(typeof instanceApi)[K]>>;
export type Status = Answer<"status">;
export type Person = Answer<"people">["items"][number];
export type CompanyRow = Answer<"companies">["items"][number];
export type RunnerRow = Answer<"runners">["items"][number];

export const statusQuery = queryOptions({
  queryKey: ["instance"],
  queryFn: instanceApi.status,
  refetchInterval: STATUS_EVERY_MS,
});
export const peopleQuery = (q: string) =>
  queryOptions({ queryKey: ["instance-people", q], queryFn: () => instanceApi.people(q, undefined) });
export const companyRowsQuery = queryOptions({ queryKey: ["instance-companies"], queryFn: instanceApi.companies });
export const runnersQuery = queryOptions({
  queryKey: ["instance-runners"],
  queryFn: instanceApi.runners,
  refetchInterval: RUNNERS_EVERY_MS,
});
export const logsQuery = (process: string, live: boolean) =>
  queryOptions({
    queryKey: ["instance-logs", process],
    queryFn: () => instanceApi.logs(process),
    refetchInterval: live ? LOGS_EVERY_MS : false,
  });
