/** What a person is told of beside the screens, on which devices, and when not. */
import { createRoute, z } from "@hono/zod-openapi";
import { WriteRefused } from "../../../db/errors.ts";
import { NOTE_KINDS } from "../../../db/schema/notify.ts";
import { subscription } from "../../notify/push.ts";
import { notifyRules } from "../../notify/rules.ts";
import { rulesOf } from "../../notify/store.ts";
import { identityOf, membershipOf } from "../context.ts";
import { ApiError, notFound } from "../errors.ts";
import { cutPage, id, pageOf, pageQuery, time } from "../fields.ts";
import { policy } from "../route.ts";
import { answer, companyParams, jsonBody, newRouter } from "../router.ts";

/** characters of a browser's own name that are kept */
const DEVICE_CHARS = 200;

const mine = policy({ auth: "person", scope: "self", minRole: null, mutates: false });
const change = policy({ auth: "browser", scope: "self", minRole: null, mutates: true });
const drop = policy({ auth: "browser", scope: "self", minRole: null, mutates: true, whenFull: "allow" });

const rulesShape = notifyRules.openapi("NotifyRules");
const device = z.object({ id, device: z.string(), createdAt: time, lastOkAt: time.nullable() }).openapi("PushDevice");

const note = z
  .object({
    id,
    kind: z.enum(NOTE_KINDS),
    subject: id,
    title: z.string(),
    path: z.string(),
    at: time,
    read: z.boolean(),
    settled: z.boolean(),
  })
  .openapi("Notification");

const getRules = createRoute({
  method: "get",
  path: "/api/me/notifications",
  summary: "What I am told of, and when not",
  middleware: mine,
  responses: {
    200: answer(z.object({ rules: rulesShape, mail: z.boolean() }), "`mail` is false where this instance sends none"),
  },
});

const putRules = createRoute({
  method: "put",
  path: "/api/me/notifications",
  summary: "Choose what I am told of",
  middleware: change,
  request: { body: jsonBody(rulesShape) },
  responses: { 200: answer(z.object({ rules: rulesShape, mail: z.boolean() }), "As stored") },
});

const getPush = createRoute({
  method: "get",
  path: "/api/push",
  summary: "The browsers that are pushed to",
  middleware: mine,
  responses: {
    200: answer(
      z.object({ publicKey: z.string(), devices: z.array(device) }),
      "`publicKey` is the applicationServerKey of a subscription",
    ),
  },
});

const subscribe = createRoute({
  method: "post",
  path: "/api/push/subscriptions",
  summary: "Push to this browser",
  middleware: change,
  request: { body: jsonBody(subscription) },
  responses: { 201: answer(z.object({ id }), "From now on") },
});

const unsubscribe = createRoute({
  method: "delete",
  path: "/api/push/subscriptions/{subscriptionId}",
  summary: "Push to this browser no more",
  middleware: drop,
  request: { params: z.object({ subscriptionId: id }) },
  responses: { 204: { description: "Forgotten" } },
});

const test = createRoute({
  method: "post",
  path: "/api/push/test",
  summary: "Push something to all my browsers now",
  middleware: change,
  responses: {
    200: answer(z.object({ sent: z.number().int(), failed: z.number().int(), gone: z.number().int() }), "What became of it"),
  },
});

const list = createRoute({
  method: "get",
  path: "/api/companies/{companyId}/notifications",
  summary: "What I was told",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: false }),
  request: { params: companyParams, query: pageQuery.extend({ unread: z.enum(["0", "1"]).default("0") }) },
  responses: { 200: answer(pageOf(note), "Newest first") },
});

const read = createRoute({
  method: "post",
  path: "/api/companies/{companyId}/notifications/read",
  summary: "Mark as read",
  middleware: policy({ auth: "person", scope: "company", minRole: "viewer", mutates: true, whenFull: "allow" }),
  request: {
    params: companyParams,
    body: jsonBody(z.object({ ids: z.array(id).max(200).optional().openapi({ description: "all of them when absent" }) })),
  },
  responses: { 200: answer(z.object({ read: z.number().int() }), "How many") },
});

export function notifyRoutes() {
  return newRouter()
    .openapi(getRules, async (c) => {
      const { read: client, mail } = c.get("services");
      const { rows } = await client.execute({
        sql: "SELECT json FROM notify_rules WHERE user = ?",
        args: [identityOf(c).user.id],
      });
      return c.json({ rules: rulesOf(rows[0]?.json), mail: mail.on }, 200);
    })
    .openapi(putRules, async (c) => {
      const { write, mail } = c.get("services");
      const rules = c.req.valid("json");
      await write(({ now }) => [
        {
          sql: `INSERT INTO notify_rules (user, json, updated_at) VALUES (?, ?, ?)
            ON CONFLICT (user) DO UPDATE SET json = excluded.json, updated_at = excluded.updated_at`,
          args: [identityOf(c).user.id, JSON.stringify(rules), now],
        },
      ]);
      return c.json({ rules, mail: mail.on }, 200);
    })
    .openapi(getPush, async (c) => {
      const { notify } = c.get("services");
      return c.json({ publicKey: await notify.publicKey(), devices: await notify.devices.list(identityOf(c).user.id) }, 200);
    })
    .openapi(subscribe, async (c) => {
      const { notify, clock } = c.get("services");
      const { user, via } = identityOf(c);
      const device = (c.req.header("user-agent") ?? "").slice(0, DEVICE_CHARS);
      const place = { user: user.id, device, authSession: via.kind === "session" ? via.idHash : undefined };
      const added = await notify.devices.add(place, c.req.valid("json"), new Date(clock.now()).toISOString());
      return c.json({ id: added }, 201);
    })
    .openapi(unsubscribe, async (c) => {
      const { notify } = c.get("services");
      await notify.devices.remove(identityOf(c).user.id, c.req.valid("param").subscriptionId).catch((error: unknown) => {
        throw error instanceof WriteRefused ? notFound() : error;
      });
      return c.body(null, 204);
    })
    .openapi(test, async (c) => {
      const { notify } = c.get("services");
      const answers = await notify.push(identityOf(c).user.id, {
        title: "Atrium can reach you here",
        body: "This is what a push looks like.",
        url: "/account",
        tag: "test",
        action: "Open",
      });
      if (answers.length === 0) throw new ApiError(409, "no_device", "No browser is allowed to be pushed to yet.");
      const count = (kinds: readonly string[]): number => answers.filter(({ kind }) => kinds.includes(kind)).length;
      return c.json({ sent: count(["sent"]), failed: count(["later", "refused"]), gone: count(["gone"]) }, 200);
    })
    .openapi(list, async (c) => {
      const { limit, cursor, unread } = c.req.valid("query");
      const { rows } = await c.get("services").read.execute({
        sql: `SELECT id, kind, subject, title, path, at, read_at, settled_at FROM notifications
          WHERE user = ? AND company = ? AND (? IS NULL OR id < ?) AND (? = 0 OR read_at IS NULL) ORDER BY id DESC LIMIT ?`,
        args: [identityOf(c).user.id, membershipOf(c).company, cursor ?? null, cursor ?? null, unread === "1" ? 1 : 0, limit + 1],
      });
      const page = cutPage(rows, limit, (row) => String(row.id));
      const items = page.items.map((row) => note.parse({ ...row, read: row.read_at !== null, settled: row.settled_at !== null }));
      return c.json({ ...page, items }, 200);
    })
    .openapi(read, async (c) => {
      const { ids } = c.req.valid("json");
      const { company } = membershipOf(c);
      const [result] = await c.get("services").write(({ now }) => [
        {
          sql: `UPDATE notifications SET read_at = ?, push_at = NULL, mail_at = NULL
            WHERE user = ? AND company = ? AND read_at IS NULL AND (? IS NULL OR id IN (SELECT value FROM json_each(?)))`,
          args: [now, identityOf(c).user.id, company, ids ? 1 : null, JSON.stringify(ids ?? [])],
        },
      ]);
      return c.json({ read: result?.rowsAffected ?? 0 }, 200);
    });
}
