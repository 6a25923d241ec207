/** The people of the installation, for its owner. */
import { createRoute, z } from "@hono/zod-openapi";
import { PROVIDERS } from "../../auth/oidc/settings.ts";
import { NO_PASSWORD } from "../../auth/passwords.ts";
import { changePerson } from "../../auth/people.ts";
import { resetPassword, resetUrl } from "../../auth/reset.ts";
import { type AppContext, actorRefOf, identityOf } from "../context.ts";
import { notFound } from "../errors.ts";
import { cutPage, id, pageOf, pageQuery, time } from "../fields.ts";
import { originOf } from "../origin.ts";
import { policy } from "../route.ts";
import { answer, jsonBody, newRouter } from "../router.ts";

const change = policy({ auth: "browser", scope: "instance", minRole: null, mutates: true, whenFull: "allow" });
const personParams = z.object({ userId: id });

const person = z
  .object({
    id,
    name: z.string(),
    email: z.string(),
    createdAt: time,
    disabledAt: time.nullable(),
    instanceOwner: z.boolean(),
    companies: z.number(),
    /** of the session used last; null when nobody is signed in */
    lastSeenAt: time.nullable(),
    password: z.boolean(),
    passkeys: z.number(),
    linked: z.array(z.enum(PROVIDERS)),
  })
  .openapi("InstancePerson");

const list = createRoute({
  method: "get",
  path: "/api/instance/people",
  summary: "Everybody with an account",
  middleware: policy({ auth: "browser", scope: "instance", minRole: null, mutates: false }),
  request: {
    query: pageQuery.extend({
      /** part of a name or an address */
      q: z.string().max(100).optional(),
    }),
  },
  responses: { 200: answer(pageOf(person), "People, the ones who came first first") },
});

const patch = createRoute({
  method: "patch",
  path: "/api/instance/people/{userId}",
  summary: "Switch an account off or on, make or unmake an owner of the installation",
  middleware: change,
  request: {
    params: personParams,
    body: jsonBody(z.object({ disabled: z.boolean().optional(), instanceOwner: z.boolean().optional() })),
  },
  responses: { 200: answer(person, "The person, as changed; a disabled one's sockets close within two seconds") },
});

const reset = createRoute({
  method: "post",
  path: "/api/instance/people/{userId}/reset-password",
  summary: "Take a person's password away and get a link that sets a new one",
  middleware: policy({ auth: "browser", scope: "instance", minRole: null, mutates: true }),
  request: { params: personParams },
  responses: {
    200: answer(z.object({ link: z.string(), until: time }), "The link, shown once. The person is signed out everywhere"),
  },
});

const COLUMNS = `SELECT u.id, u.name, u.email, u.created_at, u.disabled_at, u.instance_owner, u.password_hash <> ? AS password,
    (SELECT count(*) FROM members m WHERE m.user = u.id AND m.removed_at IS NULL) AS companies,
    (SELECT max(coalesce(s.last_seen_at, s.created_at)) FROM auth_sessions s WHERE s.user = u.id) AS last_seen_at,
    (SELECT count(*) FROM passkeys p WHERE p.user = u.id) AS passkeys,
    (SELECT group_concat(DISTINCT l.provider) FROM linked_sign_ins l WHERE l.user = u.id) AS linked
  FROM users u`;

export function instancePeopleRoutes() {
  return newRouter()
    .openapi(list, async (c) => {
      const { limit, cursor, q = "" } = c.req.valid("query");
      const { rows } = await c.get("services").read.execute({
        // instr, not LIKE: what people type has no wildcards.
        sql: `${COLUMNS} WHERE u.id > ? AND (instr(lower(u.name), ?) > 0 OR instr(u.email, ?) > 0) ORDER BY u.id LIMIT ?`,
        args: [NO_PASSWORD, cursor ?? "", q.toLowerCase(), q.toLowerCase(), limit + 1],
      });
      const page = cutPage(rows, limit, (row) => String(row.id));
      return c.json({ ...page, items: page.items.map(show) }, 200);
    })
    .openapi(patch, async (c) => {
      const { userId } = c.req.valid("param");
      await changePerson(c.get("services"), actorRefOf(identityOf(c)), userId, c.req.valid("json"));
      return c.json(await load(c, userId), 200);
    })
    .openapi(reset, async (c) => {
      const { email } = await load(c, c.req.valid("param").userId);
      const outcome = await resetPassword(c.get("services"), email, actorRefOf(identityOf(c)));
      if (outcome.kind === "nobody") throw notFound();
      c.set("holdsSecret", true);
      return c.json({ link: resetUrl(originOf(c), outcome.token), until: outcome.until }, 200);
    });
}

async function load(c: AppContext, userId: string): Promise<z.infer<typeof person>> {
  const { rows } = await c.get("services").read.execute({ sql: `${COLUMNS} WHERE u.id = ?`, args: [NO_PASSWORD, userId] });
  const row = rows[0];
  if (!row) throw notFound();
  return show(row);
}

function show(row: Record<string, unknown>): z.infer<typeof person> {
  const linked = typeof row.linked === "string" ? row.linked.split(",") : [];
  return {
    id: String(row.id),
    name: String(row.name),
    email: String(row.email),
    createdAt: String(row.created_at),
    disabledAt: row.disabled_at === null ? null : String(row.disabled_at),
    instanceOwner: row.instance_owner === 1,
    companies: Number(row.companies),
    lastSeenAt: row.last_seen_at === null ? null : String(row.last_seen_at),
    password: row.password === 1,
    passkeys: Number(row.passkeys),
    linked: PROVIDERS.filter((provider) => linked.includes(provider)),
  };
}
