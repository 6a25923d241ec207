import { queryOptions } from "@tanstack/react-query";
import { body, client } from "../../lib/api.ts";

const { notifications } = client.me;

const readRules = () => body(notifications.$get());
export type NotifyRules = Awaited<ReturnType<typeof readRules>>["rules"];

/** What the screen of notifications asks of the API. */
export const notifyApi = {
  rules: readRules,
  saveRules: (json: NotifyRules) => body(notifications.$put({ json })),
  push: () => body(client.push.$get()),
  subscribe: (json: PushPlace) => body(client.push.subscriptions.$post({ json })),
  unsubscribe: (subscriptionId: string) => client.push.subscriptions[":subscriptionId"].$delete({ param: { subscriptionId } }),
  test: () => body(client.push.test.$post()),
};

type PushPlace = { endpoint: string; keys: { p256dh: string; auth: string } };
export type PushDevice = Awaited<ReturnType<typeof notifyApi.push>>["devices"][number];

export const rulesQuery = queryOptions({ queryKey: ["notify-rules"], queryFn: notifyApi.rules });
export const pushQuery = queryOptions({ queryKey: ["push"], queryFn: notifyApi.push });
